import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

/// Looking before a second attempt: a server may keep what it said it had not.
///
/// Dovecot killed in the middle of a commit leaves message files without an index entry: UIDNEXT has not moved, and no settle time
/// tells. It finds them when it next mends its index, and they appear. So a message that was ever attempted here is looked for
/// once more, right before it is appended again.
extension MailboxReplay {
    /// The batch without the messages that earlier attempts have left in the mailbox after all; those are adopted.
    func withoutEarlierCopies(_ batch: PreparedBatch) async throws -> PreparedBatch {
        guard !batch.attempted.isEmpty else { return batch }
        // What was taken back, or adopted by a late look, since held mail was asked for counts too.
        let batch = batch.without(try await delivered(batch.attempted))
        guard !batch.attempted.isEmpty else { return batch }
        let attempts = try await earlierAttempts(of: batch.attemptedEntries.map(\.id), in: batch.folder)
        guard !attempts.isEmpty else { return batch }
        let found = try await adoptWhatIsThere(of: attempts, among: batch.attemptedEntries, in: batch.folder)
        return found.isEmpty ? batch : batch.without(found)
    }

    /// After a second attempt: a server that has mended its index since the look before it shows two copies. They are counted and
    /// reported, never hidden (P4).
    func reportSecondCopies(of batch: PreparedBatch) async throws {
        guard !batch.attempted.isEmpty else { return }
        let attempts = try await earlierAttempts(of: batch.attemptedEntries.map(\.id), in: batch.folder)
        guard !attempts.isEmpty else { return }
        let doubles = try await secondCopies(of: batch.attemptedEntries, since: attempts, in: batch.folder)
        if !doubles.isEmpty {
            try await markDoubtful(
                doubles, "more than one copy is in the mailbox: the server brought an earlier one back")
        }
    }

    /// Attempts into this very mailbox and folder, oldest first; what was sent elsewhere before the roster changed cannot appear here.
    func earlierAttempts(of ids: [MessageID], in folder: MailboxName) async throws -> [AppendIntent] {
        let (ledger, mailboxID) = (environment.ledger, self.id)
        let attempts = try await environment.blocking { try ledger.earlierAttempts(mailboxID: mailboxID, ids: ids) }
        return attempts.filter { attempt in
            attempt.went(to: target.name, mailbox.mailbox.login)
                && (try? MailboxName(attempt.folder)) == folder
        }
    }
}
