import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover retry`: parked messages are held again, and the next replay tries them.
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Take parked messages up again, once what they were refused for is mended.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions

    func validate() throws { try selection.requireGiven() }

    func run() async throws {
        let workspace = try Workspace.open(common)
        var acts: [JournalAct] = []
        var count = 0
        for status in try workspace.ledger.mailboxes(selection.selection()) where status.counts.failed > 0 {
            let parked = try workspace.ledger.parked(mailboxID: status.mailbox.id)
            guard !parked.isEmpty else { continue }
            acts.append(.retried(mailboxID: status.mailbox.id, ids: parked))
            count += parked.count
        }
        try await workspace.record(acts)
        Output.print("\(count) messages of \(acts.count) mailboxes are held again; `layover replay` tries them")
    }
}
