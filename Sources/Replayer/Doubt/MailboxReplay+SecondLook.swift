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
}
