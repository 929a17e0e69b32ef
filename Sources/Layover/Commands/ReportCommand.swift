import ArgumentParser
import Ledger
import MailModel

/// `layover report`: what became of the mail of each mailbox and wave, for the record and for the help desk.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Report what was delivered, verified, parked and held, by mailbox and wave.",
        discussion: "The numbers are counted from the index's deliveries, whichever process has made them.")

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json, csv
    }

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @Option(name: .long, help: "table, json (one object) or csv.") var format = Format.table

    func run() async throws {
        let workspace = try Workspace.open(common)
        let report = try workspace.ledger.report(selection.selection(), now: .now())
        var output = Output()
        switch format {
        case .table: output.write(ReportTable(report).text)
        case .json: output.write(ReportFormat.json.text(report))
        case .csv: output.write(ReportFormat.csv.text(report))
        }
        output.flush()
    }
}
