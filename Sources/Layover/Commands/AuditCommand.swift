import ArgumentParser
import Ledger

/// `layover audit`: which messages came, and what became of each.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "List deliveries, newest first: who sent what to whom, and where it is now.")

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json, csv

        var form: AuditFormat {
            switch self {
            case .table: .table
            case .json: .json
            case .csv: .csv
            }
        }
    }

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: FilterOptions
    @Option(name: .long, help: "At most so many lines.") var limit: Int?
    @Option(name: .long, help: "table, json (one object a line) or csv.") var format = Format.table

    func run() async throws {
        var filter = try options.filter()
        filter.limit = limit
        let workspace = try Workspace.open(common)
        let format = self.format.form
        var output = Output()
        output.write(format.header)
        try workspace.ledger.audit(filter) { output.write(format.line($0)) }
        output.flush()
    }
}
