import Ledger
import MailModel
import NIOCore
import Spool

/// A copy of a held message, ready to go into a shadow folder.
struct ShadowMessage: Sendable {
    var id: MessageID
    var message: AppendMessage
    /// SHA-256 of what is appended.
    var digest: SHA256Digest

    /// The octets that are appended.
    private var octets: [UInt8] {
        message.body.reduce(into: Array(buffer: message.head)) { $0 += $1.readableBytesView }
    }

    /// What the server has changed in a copy with this digest, by one of the rules that it is known for; nil if it is something else.
    func changes(in copy: MailboxDigest?, by forms: [StoredForm]) -> String? {
        copy.flatMap { forms.changes(of: $0.digest, from: octets) }
    }

    /// Reads and digests messages. Blocks on the disk. Throws `SpoolError` where one cannot be read as it was accepted.
    static func prepare(_ held: [HeldMessage], run: MessageID, reader: SpoolReader) throws -> [ShadowMessage] {
        let hasher = SHA256Hasher()
        return try held.map { message in
            let stored = try reader.bytes(of: message.location)
            let head = HeadLines.shadow(sender: message.sender, recipient: message.recipient, run: run)
            head.withUnsafeBytes { hasher.update($0) }
            stored.withUnsafeBytes { hasher.update($0) }
            return ShadowMessage(
                id: message.id,
                message: AppendMessage(
                    head: ByteBuffer(bytes: head), body: [ByteBuffer(bytes: stored)], date: message.receivedAt),
                digest: hasher.finish())
        }
    }
}
