import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

/// Looks for what was refused behind the commit token and may be in the mailbox all the same.
extension ReplayEngine {
    /// An earlier process may have ended before its looks were due: this one makes them.
    ///
    /// The time of an attempt's intent is the journal's; it counts as a moment ago where the clock was set back since.
    func recallLateLooks(_ selection: MailboxSelection) async throws {
        let now = environment.clock()
        guard let longest = targets.values.map(\.longestSettle).max() else { return }
        let ledger = self.ledger
        let attempts = try await environment.blocking {
            let found = try ledger.attemptsTakenBack(since: now.adding(milliseconds: -longest.inMilliseconds))
            guard !found.isEmpty else { return found }
            let open = Set(try ledger.mailboxes(selection).filter { $0.mayReplay(now: now) }.map(\.mailbox.id))
            return found.filter { open.contains($0.mailboxID) }
        }
        for attempt in attempts {
            guard let settle = targets[attempt.target]?.longestSettle, let folder = try? MailboxName(attempt.folder)
            else { continue }
            let passed = Duration.milliseconds(max(0, now.milliseconds - attempt.at.milliseconds))
            guard passed < settle else { continue }
            environment.lateLooks.add(attempt.mailboxID, folder, attempt.ids, after: settle - passed)
        }
        let messages = environment.lateLooks.messages
        if messages > 0 {
            environment.logger.notice(
                "an earlier run has not looked for late copies: this one does", metadata: ["messages": "\(messages)"])
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
