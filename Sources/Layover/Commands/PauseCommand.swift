import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover pause`: nothing more is delivered to these mailboxes until `resume`. A running batch is finished.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Deliver nothing more to mailboxes until `resume`; their mail is held.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @Option(name: .long, help: "Why, for the journal.") var reason = ""

    func validate() throws { try selection.requireGiven() }

    func run() async throws {
        let workspace = try Workspace.open(common)
        let affected = try workspace.ledger.mailboxes(selection.selection()).filter { !$0.isPaused }
        try await workspace.record(
            affected.isEmpty ? [] : [.paused(mailboxIDs: affected.map(\.mailbox.id), why: reason)])
        Output.print("\(affected.count) mailboxes paused")
    }
}
