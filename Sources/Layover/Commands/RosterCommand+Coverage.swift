import ArgumentParser
import Ledger
import MailModel

extension RosterCommand {
    /// `layover roster coverage`
    struct Coverage: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the recipients in our domains that mail came for and that no mailbox has.",
            discussion: """
                Look here before unknown_recipients becomes "reject": whoever stands above has the most senders. Held, deferred and \
                rejected mail counts; what was refused is counted up to some 10 s behind. `layover assign` settles one address, \
                `layover roster import` many.
                """)

        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "Only those used at or after this time (RFC 3339 or a date).") var since: String?
        @Option(name: .long, help: "table, json (one object a line) or csv.") var format = AuditCommand.Format.table

        func validate() throws { _ = try since.map { try FilterOptions.time($0, "--since") } }

        func run() async throws {
            let workspace = try Workspace.open(common)
            let coverage = try workspace.ledger.coverage(since: since.map { try FilterOptions.time($0, "--since") })
            let form = format.form
            var output = Output()
            output.write(RecipientCoverage.header(form))
            for recipient in coverage.recipients { output.write(recipient.line(form)) }
            if form == .table { output.write(Self.summary(coverage)) }
            output.flush()
        }

        private static func summary(_ coverage: RosterCoverage) -> String {
            let count = coverage.recipients.count
            var text =
                count == 0 ? "every recipient that was used has a mailbox\n" : "\(count) recipients without a mailbox\n"
            if coverage.unlisted > 0 {
                text +=
                    "\(coverage.unlisted) refused attempts for further names, as in a sweep through guessed ones, are not listed\n"
            }
            return text
        }
    }
}
