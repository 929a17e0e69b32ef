import GRDB
import MailModel

/// The whole of the Ledger in numbers, inside one snapshot. Costs what the listing of mailboxes costs, not what the
/// mail would.
struct StatusQuery {
    let database: Database
    let index: RecipientIndex

    func status(now: Timestamp) throws -> LedgerStatus {
        guard let progress = try LedgerProgress.load(database) else {
            throw LedgerError(
                code: .corrupt, message: "the Ledger does not say how far it has read; run `layover reindex`")
        }
        let query = MailboxQuery(database: database, index: index)
        let mailboxes = try query.statuses()
        let counts = try query.countsByMailbox()
        var status = LedgerStatus(
            progress: progress, messages: Int(progress.message), counts: counts.withoutMailbox,
            withoutMailbox: counts.withoutMailbox,
            mailboxes: mailboxes.count, cutOver: 0, paused: 0, due: 0, heldAfterCutover: 0, openIntents: 0)
        // Also what went to mailboxes that have left the roster.
        for count in counts.byMailbox.values { status.counts += count }
        for mailbox in mailboxes {
            let isCutOver = mailbox.cutoverAt.map { $0 <= now } ?? false
            status.cutOver += isCutOver ? 1 : 0
            status.paused += mailbox.isPaused ? 1 : 0
            status.due += mailbox.isDue(now: now) ? 1 : 0
            status.heldAfterCutover += isCutOver ? mailbox.counts.held : 0
            status.openIntents += mailbox.openIntents
        }
        return status
    }
}
