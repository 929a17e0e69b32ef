import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover roster`: who gets mail, and where.
struct RosterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roster", abstract: "Import, list and show the mailboxes of the migration.",
        subcommands: [Import.self, List.self, Show.self, Coverage.self])

    /// `layover roster import FILE.csv`
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add and change mailboxes from a CSV file; with --replace also remove those it does not name.",
            discussion: """
                The header row names the columns, in any order: mailbox, login, target, wave, aliases; optional id, type, folder.
                Comma or semicolon; UTF-8 or Windows-1252. A mailbox with held mail is never removed.
                """)

        @OptionGroup var common: CommonOptions
        @Argument(help: "The CSV file.") var file: String
        @Flag(name: .long, help: "Print what would change, and change nothing.") var dryRun = false
        @Flag(name: .long, help: "Keep mailboxes that the file does not name (the default).") var merge = false
        @Flag(name: .long, help: "Remove mailboxes that the file does not name.") var replace = false

        func validate() throws {
            if merge && replace { throw ValidationError("Choose one of --merge and --replace.") }
        }

        func run() async throws {
            let bytes = try InputFile.read(file, as: "a CSV file with a header row")
            let workspace = try Workspace.open(common, needing: .nothing)
            let targets = Set(try workspace.configuration.targetSections().keys)
            let roster = try RosterFile(bytes, name: file, targets: targets)
            let changing = try dryRun ? nil : workspace.changingRoster()
            defer { changing?.release() }
            let plan = try workspace.ledger.planImport(roster, mode: replace ? .replace : .merge)
            var output = Output()
            output.write("\(file): \(roster.encoding.rawValue), \(roster.rows.count) mailboxes\n")
            for change in plan.changes { output.write("\(change)\n") }
            let domains = try workspace.configuration.receiveSection()?.domains
            if let domains, let foreign = ForeignAddresses(in: roster.rows.flatMap(\.addresses), domains: domains) {
                output.write("warning: \(foreign.words); \(Remedy.forMailbox("foreign-domain"))\n")
            }
            for line in try Self.intoClosed(plan, workspace.ledger) { output.write("warning: \(line)\n") }
            let count = plan.changes.count
            output.write("\(count) changes, \(plan.unchanged) unchanged\(dryRun ? "; nothing was done" : "")\n")
            if !dryRun {
                let losing = try workspace.ledger.mailboxesLosing(by: plan)
                let locks = try MailboxLocks(losing.map(\.mailbox), workspace)
                defer { locks.release() }
                let known = try workspace.ledger.actsAfterRestore(of: plan, now: .now())
                try await workspace.record(plan.acts + known)
                try workspace.ledger.writeRosterSnapshot()
                try RestoredSpool.tell(workspace.ledger, Set(plan.changes.map(\.mailbox.id)), on: &output)
            }
            output.flush()
        }

        /// A line for each closed wave that mailboxes come into.
        private static func intoClosed(_ plan: RosterImport, _ ledger: Ledger) throws -> [String] {
            let moved = plan.changes.compactMap { change -> RosterMailbox? in
                switch change {
                case .added(let mailbox): mailbox
                case .changed(let mailbox, let fields): fields.contains { $0.name == "wave" } ? mailbox : nil
                case .removed: nil
                }
            }
            return try ledger.wavesAndRest(now: .now()).filter { $0.closedAt != nil }.compactMap { wave in
                let names = moved.filter { $0.wave == wave.name }.map(\.address)
                guard let first = names.first else { return nil }
                return
                    "wave \(wave.title) is closed, and \(names.count) mailboxes come into it (\(first)\(names.count > 1 ? ", …" : "")): their mail is held until `layover cutover`, and the retention of the wave has begun"
            }
        }
    }

    /// `layover roster list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List mailboxes with their state and counts.")

        @OptionGroup var common: CommonOptions
        @OptionGroup var selection: SelectionOptions

        func run() async throws {
            let workspace = try Workspace.open(common)
            let now = Timestamp.now()
            var table = TextTable([
                "MAILBOX", "TARGET", "WAVE", "STATE", "HELD", "DELIVERED", "VERIFIED", "FAILED", "ALIASES",
            ])
            for status in try workspace.ledger.mailboxes(selection.selection()) {
                table.add([
                    status.mailbox.address, status.mailbox.target, status.mailbox.wave, status.state(now: now),
                    "\(status.counts.held)", "\(status.counts.delivered)", "\(status.counts.verified)",
                    "\(status.counts.failed)",
                    (status.mailbox.aliases + status.mailbox.assigned).joined(separator: " "),
                ])
            }
            Output.print(table.text)
        }
    }

    /// `layover roster show A`
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one mailbox with its history.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "An address of the mailbox.") var address: String

        func run() async throws {
            let workspace = try Workspace.open(common)
            let status = try workspace.ledger.mailbox(named: address)
            let mailbox = status.mailbox
            var output = Output()
            let fields = [
                ("mailbox", mailbox.address), ("id", mailbox.id), ("login", mailbox.login), ("target", mailbox.target),
                ("wave", mailbox.wave), ("aliases", mailbox.aliases.joined(separator: " ")),
                ("assigned", mailbox.assigned.joined(separator: " ")),
                ("type", mailbox.kind.rawValue),
                ("folder", mailbox.folder), ("state", status.state(now: .now())), ("held", "\(status.counts.held)"),
                ("delivered", "\(status.counts.delivered)"), ("verified", "\(status.counts.verified)"),
                ("failed", "\(status.counts.failed)"), ("doubtful", "\(status.counts.doubtful)"),
            ]
            for (name, value) in fields { output.write(name.padded(to: 12) + value + "\n") }
            output.write("\n")
            for var act in try workspace.ledger.history(mailboxID: mailbox.id) {
                // The journal knows it by its id.
                act.what = act.what.replacing(mailbox.id, with: mailbox.address)
                output.write(act.line)
            }
            output.flush()
        }
    }
}

extension ActRecord {
    /// One line of a history.
    var line: String {
        "\(at.rfc3339) \(by): \(kind) \(what)\(why.isEmpty ? "" : " (\(why))")".escapedToOneLine + "\n"
    }
}
