import Ledger
import MailModel
import Spool

/// Telling in the journal which mailboxes can take nothing, so that `status` knows it whoever asks, and whatever has ended since.
extension ReplayEngine {
    /// One act when a block begins or becomes another, and one when it is over: not one for each attempt.
    func note(_ outcome: MailboxOutcome, of mailbox: MailboxStatus) async throws {
        switch outcome {
        case .done where mailbox.block != nil:
            try await environment.journal.append([.unblocked(mailboxID: mailbox.mailbox.id)])
        // What ends because the replay is told to is no block.
        case .stopped(let error)
        where !environment.isStopping.isSet && mailbox.block?.errorClass != error.code.description:
            try await environment.journal.append([
                .blocked(mailboxID: mailbox.mailbox.id, errorClass: error.code.description, text: error.description)
            ])
        default: break
        }
    }
}
