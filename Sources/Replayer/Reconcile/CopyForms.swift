import Ledger
import MailModel
import Spool

/// What would have been appended for each recipient of a message: by it a copy is known, to the octet, for whose it is.
struct CopyForms: Sendable {
    struct Form: Sendable {
        var recipient: String
        var length: Int
        var digest: SHA256Digest
    }

    /// For the recipients that mean the mailbox.
    var own: [Form] = []
    /// For the message's other recipients: a copy of theirs that somebody has put here is not this mailbox's.
    var foreign: [Form] = []

    /// Reads the stored bytes and digests them with each recipient's head lines. Blocks on the disk. Throws where they are damaged.
    init(_ message: FoundMessage, reader: SpoolReader) throws {
        let stored = try reader.bytes(of: message.location)
        let hasher = SHA256Hasher()
        func form(_ recipient: String) -> Form {
            let head = HeadLines.bytes(sender: message.sender, recipient: recipient, id: message.id)
            head.withUnsafeBytes { hasher.update($0) }
            stored.withUnsafeBytes { hasher.update($0) }
            return Form(recipient: recipient, length: head.count + stored.count, digest: hasher.finish())
        }
        own = (message.open + message.verified).map(form)
        foreign = message.others.map(form)
    }

    func ownForm(of copy: MailboxDigest?) -> Form? { own.first { $0.digest == copy?.digest } }

    func isForeign(_ copy: MailboxDigest?) -> Bool { foreign.contains { $0.digest == copy?.digest } }
}
