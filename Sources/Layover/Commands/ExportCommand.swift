import ArgumentParser
import Ledger
import Spool

/// `layover export FILTER (--eml|--mbox|--maildir) DIR`: mail as files that other programs read.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write messages as files: eml, mbox or Maildir, with a manifest.",
        discussion: """
            Nothing in the spool is changed, and no file is overwritten. The same command may be given again, to complete what was \
            cut short; once other mail is meant, or something else has become of it, a new directory is needed. An export with \
            --eml can be taken up by `layover import`. Exits 65 where a message was damaged and left out, where the directory \
            holds another export (nothing is written then), and where other files have the names that are needed.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: FilterOptions
    @Flag(name: .long, help: "Every message.") var all = false
    @Flag(help: "The form: <id>.eml with the stored bytes; one mboxrd file, or one Maildir, for each mailbox.")
    var form: ExportForm
    @Argument(help: "The directory to write into, made where it is missing; readable by its owner alone.")
    var directory: String

    func validate() throws {
        let isFiltered = try options.filter() != AuditFilter()
        if isFiltered && all { throw ValidationError("--all is every message: give a filter or --all, not both.") }
        if !isFiltered && !all { throw ValidationError("Say which messages: give a filter, or --all.") }
    }

    func run() async throws {
        let spool = try common.load().spool.directory
        try SpoolNeed.spool.require(of: spool)
        let directory = try ExportDirectory.claim(self.directory, forOwnerOf: spool)
        let workspace = try Workspace.open(common)
        let plan = try workspace.ledger.exportPlan(options.filter())
        var export = MailExport(
            form: form, directory: directory, ledger: workspace.ledger, reader: SpoolReader(layout: workspace.layout),
            plan: plan, meter: ExportMeter(total: form.hasFolders ? plan.copies : plan.messages.count))
        let report = try export.run()
        for line in report.damaged { StandardError.write("DAMAGED  \(line.escapedToOneLine)\n") }
        for name in report.taken { StandardError.write("TAKEN    \(name)\n") }
        Output.print(report.summary)
        guard report.taken.isEmpty else {
            throw CommandError(
                .badData,
                "\(report.taken.count) names in \(self.directory) belong to other files, which were left as they are; export into an empty directory"
            )
        }
        guard report.damaged.isEmpty else {
            throw CommandError(
                .badData,
                "\(report.damaged.count) damaged messages were left out; all others were written; run `layover fsck`")
        }
    }
}

extension ExportForm: EnumerableFlag {}
