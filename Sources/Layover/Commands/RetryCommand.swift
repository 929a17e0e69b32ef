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

    func validate() throws { try selection.requireGiven() }

    func run() async throws {
        let workspace = try Workspace.open(common)
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
}
