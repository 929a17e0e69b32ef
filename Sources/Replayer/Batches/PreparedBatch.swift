import IMAPProtocol
import Ledger
import MailModel
import NIOCore
import Spool

#if canImport(Glibc)
import Glibc
#endif

/// Messages read from the spool and ready to go: the bytes, and what the intent says of them.
struct PreparedBatch: Sendable {
    /// A message that cannot be read back as it was accepted.
    struct Unreadable: Sendable {
        var id: MessageID
        var error: SpoolError
    }

    let folder: MailboxName
    var entries: [AppendIntent.Entry]
    var messages: [AppendMessage]
    var unreadable: [Unreadable] = []
    /// Messages that were sent to this mailbox before, whatever came of it.
    var attempted: Set<MessageID> = []

    var bytes: Int { messages.reduce(0) { $0 + $1.size } }
    var ids: [MessageID] { entries.map(\.id) }
    var attemptedEntries: [AppendIntent.Entry] { entries.filter { attempted.contains($0.id) } }

    /// Reads and digests messages. Blocks on the disk. Throws where it is not the message's fault that it cannot be read.
    static func prepare(_ planned: PlannedBatch, reader: SpoolReader) throws -> PreparedBatch {
        var batch = PreparedBatch(folder: planned.folder, entries: [], messages: [])
        let hasher = SHA256Hasher()
        for message in planned.messages {
            do {
                // Compared with the digest of the record: what was torn or changed is never delivered.
                let stored = try reader.bytes(of: message.location)
                batch.append(message, stored: stored, hasher: hasher)
                if message.attempts > 0 { batch.attempted.insert(message.id) }
            } catch {
                let error = error as? SpoolError ?? SpoolError(code: .io, message: "\(error)")
                // Short of descriptors or memory: the message is as good as it was, and must not be parked for it.
                guard ![EMFILE, ENFILE, ENOMEM, EINTR, EAGAIN].contains(error.systemError) else {
                    throw ReplayError(.spool, "\(error)")
                }
                batch.unreadable.append(Unreadable(id: message.id, error: error))
            }
        }
        return batch
    }

    private mutating func append(_ message: HeldMessage, stored: [UInt8], hasher: SHA256Hasher) {
        let head = HeadLines.bytes(sender: message.sender, recipient: message.recipient, id: message.id)
        head.withUnsafeBytes { hasher.update($0) }
        stored.withUnsafeBytes { hasher.update($0) }
        entries.append(
            AppendIntent.Entry(
                id: message.id, recipient: message.recipient, merged: message.merged, head: head,
                length: head.count + stored.count, digest: hasher.finish()))
        messages.append(
            AppendMessage(head: ByteBuffer(bytes: head), body: [ByteBuffer(bytes: stored)], date: message.receivedAt))
    }

    /// The batch less these messages.
    func without(_ ids: Set<MessageID>) -> PreparedBatch {
        part(entries.indices.filter { !ids.contains(entries[$0].id) })
    }

    /// The first and the second half, to find the message that a server refuses.
    func halves() -> (PreparedBatch, PreparedBatch) {
        let middle = entries.count / 2
        return (part(Array(0..<middle)), part(Array(middle..<entries.count)))
    }

    /// The same, with every message known to have been sent.
    var markedAttempted: PreparedBatch {
        var batch = self
        batch.attempted = Set(ids)
        return batch
    }

    private func part(_ kept: [Int]) -> PreparedBatch {
        let ids = Set(kept.map { entries[$0].id })
        return PreparedBatch(
            folder: folder, entries: kept.map { entries[$0] }, messages: kept.map { messages[$0] },
            attempted: attempted.intersection(ids))
    }
}
