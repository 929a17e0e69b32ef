import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

/// Looks for what was refused behind the commit token and may be in the mailbox all the same.
extension ReplayEngine {
    /// How long after their time looks are still made that an earlier process had no time for; later, `prove --live` makes them.
    private static let overdue = Duration.seconds(3600)

    /// An earlier process may have ended before its looks were due: this one makes them. What was looked for already is looked for once
    /// more, which nothing tells apart and does no harm.
    ///
    /// The time is the journal's; it counts as now where the clock was set back since.
    func recallLateLooks(_ selection: MailboxSelection) async throws {
        let now = environment.clock()
        guard let longest = targets.values.map(\.longestSettle).max() else { return }
        let since = now.adding(milliseconds: -(longest + Self.overdue).wholeMilliseconds)
        let ledger = self.ledger
        let attempts = try await environment.blocking {
            let found = try ledger.attemptsTakenBack(since: since)
            guard !found.isEmpty else { return found }
            let open = Set(try ledger.mailboxes(selection).filter { $0.mayReplay(now: now) }.map(\.mailbox.id))
            return found.filter { open.contains($0.mailboxID) }
        }
        for attempt in attempts {
            guard let settle = targets[attempt.target]?.longestSettle, let folder = try? MailboxName(attempt.folder)
            else { continue }
            // What was taken back when its time to settle was over has had it.
            let hadItsTime = attempt.at.milliseconds - attempt.began.milliseconds >= settle.wholeMilliseconds
            let passed = Duration.milliseconds(max(0, now.milliseconds - attempt.at.milliseconds))
            environment.lateLooks.add(
                attempt.mailboxID, folder, attempt.ids, after: hadItsTime ? .zero : max(.zero, settle - passed))
        }
        let messages = environment.lateLooks.messages
        if messages > 0 {
            environment.logger.notice(
                "refused or lost appends of an earlier run are looked for once more",
                metadata: ["messages": "\(messages)"])
        }
    }

    /// Nobody will look again whether what was refused has been kept after all.
    func giveUpLooks(_ mailboxID: String) {
        let messages = environment.lateLooks.forget(mailboxID)
        guard messages > 0 else { return }
        environment.logger.warning(
            "a late look for second copies is not made: `layover prove --live` makes it",
            metadata: ["mailbox": "\(mailboxID)", "messages": "\(messages)"])
    }
}
