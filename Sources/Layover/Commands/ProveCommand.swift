import ArgumentParser
import Ledger

/// `layover prove`: the arithmetic of what was accepted against where it is now.
struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Prove that every accepted delivery is accounted for; exits 65 where it is not.",
        discussion:
            "accepted = delivered + merged + passed + handed_off + held + failed + dropped, accepted being counted from the segments."
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json
    }

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @Option(name: .long, help: "table or json.") var format = Format.table

    func run() async throws {
        let workspace = try Workspace.open(common)
        let proof = try workspace.ledger.prove(selection.selection())
        Output.print(format == .json ? proof.json : proof.table)
        let mailboxes = try workspace.ledger.mailboxes(selection.selection())
        if let words = try RestoredSpool.words(
            workspace.ledger, unreconciled: mailboxes.count(where: \.isUnreconciled))
        {
            StandardError.write("layover: \(words)\n")
        }
        guard proof.isBalanced else {
            throw CommandError(
                .badData, "the proof does not balance: run `layover reindex`, prove again, and keep the spool as it is")
        }
    }
}
