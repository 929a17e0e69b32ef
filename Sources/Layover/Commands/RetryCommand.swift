import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover retry`: parked messages are held again, and mailboxes that could take nothing are tried at once.
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Take parked messages and blocked mailboxes up again, once what they were refused for is mended.",
        discussion: "A running follower tries them at once; else the next `layover replay` does.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @Option(name: .long, help: "Why, for the journal.") var reason = ""
    @Flag(
        name: .long,
        help:
            "Look no more for a batch in doubt in an account that the roster has left: its messages go to the mailbox's new place, and are counted as doubtful. Needs --reason."
    ) var giveUpOldAccount = false

    func validate() throws {
        try selection.requireGiven()
        if giveUpOldAccount, reason.isEmpty { throw ValidationError("--give-up-old-account needs a --reason.") }
    }

    func run() async throws {
        let workspace = try Workspace.open(common)
        if giveUpOldAccount { try await giveUp(in: workspace) }
        var acts: [JournalAct] = []
        var (messages, blocked) = (0, 0)
        for status in try workspace.ledger.mailboxes(selection.selection())
        where status.counts.failed > 0 || status.block != nil {
            let parked = try workspace.ledger.parked(mailboxID: status.mailbox.id)
            guard !parked.isEmpty || status.block != nil else { continue }
            acts.append(.retried(mailboxID: status.mailbox.id, ids: parked, why: reason))
            messages += parked.count
            blocked += status.block == nil ? 0 : 1
        }
        try await workspace.record(acts)
        let next = try workspace.isFollowed ? "the follower tries them now" : "`layover replay` tries them"
        Output.print(
            "\(messages) messages are held again, \(blocked) blocked mailboxes are no longer left alone; \(next)")
    }

    /// Under the locks of both places, so that no replay looks for these batches meanwhile.
    private func giveUp(in workspace: Workspace) async throws {
        let mailboxes = try workspace.ledger.mailboxes(selection.selection()).map(\.mailbox)
        let places = try mailboxes.map { ($0, try Self.leftPlaces(of: $0, workspace.ledger)) }.filter { !$1.isEmpty }
        let locks = try MailboxLocks(places.flatMap { [$0] + $1 }, workspace)
        defer { locks.release() }
        try workspace.ledger.catchUp()
        var acts: [JournalAct] = []
        var messages = 0
        for (mailbox, _) in places {
            for intent in try workspace.ledger.openIntents(mailboxID: mailbox.id).map(\.intent)
            where !intent.went(to: mailbox.target, mailbox.login) {
                let ids = intent.entries.map(\.id)
                let text = "it may be in the account \(intent.login) of \(intent.target), given up: \(reason)"
                acts.append(.doubtful(mailboxID: mailbox.id, ids: ids, text: text))
                acts.append(.notAppended(batch: intent.batch, ids: ids, reason: reason))
                messages += ids.count
            }
        }
        try await workspace.record(acts)
        Output.print(
            "\(messages) messages in doubt in an account that the roster has left are not looked for there any more; they are held, and doubtful"
        )
    }

    /// The accounts, other than the mailbox's own, that batches in doubt went to.
    private static func leftPlaces(of mailbox: RosterMailbox, _ ledger: Ledger) throws -> [RosterMailbox] {
        try ledger.openIntents(mailboxID: mailbox.id).map(\.intent).filter {
            !$0.went(to: mailbox.target, mailbox.login)
        }.map { intent in
            var place = mailbox
            (place.target, place.login) = (intent.target, intent.login)
            return place
        }
    }
}
