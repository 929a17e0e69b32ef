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
        let (ledger, mailboxID, ids) = (environment.ledger, self.id, batch.ids.filter(batch.attempted.contains))
        let attempts = try await environment.blocking { () -> [AppendIntent] in
            // What was taken back a moment ago counts too.
            try ledger.catchUp()
            return try ledger.earlierAttempts(mailboxID: mailboxID, ids: ids)
        }
        var found: Set<MessageID> = []
        // The newest attempt first: a copy belongs to the last that could have made it.
        for attempt in attempts.reversed() where attempt.folder == mailbox.mailbox.folder {
            var attempt = attempt
            attempt.entries.removeAll { found.contains($0.id) }
            guard !attempt.entries.isEmpty else { continue }
            found.formUnion(try await adoptWhatIsThere(of: attempt))
        }
        return found.isEmpty ? batch : batch.without(found)
    }

    /// After a second attempt: a server that has mended its index since the look before it shows two copies. They are counted and
    /// reported, never hidden (P4).
    func reportSecondCopies(of batch: PreparedBatch) async throws {
        guard !batch.attempted.isEmpty else { return }
        let (ledger, mailboxID, ids) = (environment.ledger, self.id, batch.ids.filter(batch.attempted.contains))
        let attempts = try await environment.blocking { try ledger.earlierAttempts(mailboxID: mailboxID, ids: ids) }
        guard let first = attempts.filter({ $0.folder == mailbox.mailbox.folder }).min(by: { $0.uidNext < $1.uidNext }) else { return }
        let doubles = try await secondCopies(of: batch.entries.filter { batch.attempted.contains($0.id) }, since: first)
        if !doubles.isEmpty { try await markDoubtful(doubles, "more than one copy is in the mailbox: the server brought an earlier one back") }
    }
}
