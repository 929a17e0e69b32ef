import Ledger
import MailModel
import Spool

/// Keeps mail out of the mailboxes that an import brings mail to from before this spool was brought back: what was delivered in the
/// time that the journal does not know may be among it.
///
/// The act comes before the mail, so that a crash leaves a mailbox shut that need not be, and never one open that must not be. The
/// mailboxes' locks are held until all is in: nobody looks through one meanwhile, and opens it for mail that was not there yet. So
/// is the roster's, or the mail could come to another mailbox than the one that was shut.
struct OlderMailGuard {
    let mailboxIDs: Set<String>
    private let roster: SpoolLock?
    private let locks: MailboxLocks?

    private static let reason = "an import brings mail from before the restore"

    /// Nil where the spool was never brought back. Throws `.temporary`, with nothing done, where one of the mailboxes is worked on.
    static func shut(for mail: MailImport, _ workspace: Workspace, dryRun: Bool) async throws -> OlderMailGuard? {
        guard let restoredAt = try workspace.ledger.restoredAt() else { return nil }
        let addresses = try mail.recipientsOfOlderMail(restoredAt)
        let roster = try dryRun ? nil : workspace.changingRoster()
        do {
            let mailboxes = try workspace.ledger.mailboxes(for: addresses).map(\.mailbox)
            let ids = Set(mailboxes.map(\.id))
            guard !dryRun else { return OlderMailGuard(mailboxIDs: ids, roster: nil, locks: nil) }
            let locks = try MailboxLocks(mailboxes, workspace)
            // Also where one is shut already: the history tells why it must be looked into.
            if !ids.isEmpty { try await workspace.record([.shut(mailboxIDs: ids.sorted(), why: reason)]) }
            return OlderMailGuard(mailboxIDs: ids, roster: roster, locks: locks)
        } catch {
            roster?.release()
            throw error
        }
    }

    func release() {
        locks?.release()
        roster?.release()
    }
}
