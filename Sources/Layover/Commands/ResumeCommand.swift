import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover resume`: takes a pause back.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Take a pause back.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @Option(name: .long, help: "Why, for the journal.") var reason = ""

    func validate() throws { try selection.requireGiven() }

    func run() async throws {
        let workspace = try Workspace.open(common)
        let affected = try workspace.ledger.mailboxes(selection.selection()).filter(\.isPaused)
        try await workspace.record(
            affected.isEmpty ? [] : [.resumed(mailboxIDs: affected.map(\.mailbox.id), why: reason)])
        Output.print("\(affected.count) mailboxes resumed")
    }
}
