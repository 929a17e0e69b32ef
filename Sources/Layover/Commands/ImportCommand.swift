import ArgumentParser
import Ledger
import MailModel
import Spool

#if canImport(Glibc)
import Glibc
#endif

/// `layover import DIR`: takes the held mail of another spool over.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take held mail over from another spool: an export with --eml, or a copied spool directory.",
        discussion: """
            Messages keep their ids, envelopes and times of reception; their digests are compared. What is here already is \
            passed over, so an import can be run again. What was delivered there is not owed again. Not while a receiver runs. \
            Exits 65 where messages were left out: damaged ones, and .eml files that no line of the manifest names.
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The directory of the export, or of the copied spool.") var directory: String
    @Flag(name: .long, help: "Read and compare everything, print what would come in, and import nothing.")
    var dryRun = false
    @Flag(name: .long, help: "Leave out messages that may be in a mailbox or not, instead of refusing all.")
    var withoutDoubtful = false

    func run() async throws {
        let workspace = try Workspace.open(common, needing: .nothing)
        let source = try source(for: workspace)
        let writer = try dryRun ? nil : writer(for: workspace.layout)
        do {
            let report = try await take(source, writer, workspace)
            writer?.close()
            try finish(report, workspace)
        } catch {
            writer?.close()
            throw error
        }
    }

    private func source(for workspace: Workspace) throws -> any ImportSource {
        let copy = SpoolCopy(directory: directory)
        if access("\(directory)/\(ManifestSource.manifestName)", F_OK) == 0 {
            return try ManifestSource(directory: directory)
        }
        guard access("\(directory)/\(ExportMark.name)", F_OK) != 0 else {
            throw CommandError(
                .badData,
                "the export in \(directory) was cut short, and its manifest is not there: give the same `layover export` again, then import"
            )
        }
        guard let isWhole = try? copy.isWhole(), isWhole else {
            throw CommandError(
                .badData,
                "\(directory) can be taken up neither as an export (no manifest.jsonl) nor as a spool (it must have segments/ and journal/: without its journal nobody knows what was delivered); the spool's owner must be able to read it"
            )
        }
        return try SpoolCopySource(
            copy, scratch: workspace.layout.directory + "/import-index",
            rules: workspace.configuration.addressRules)
    }

    /// The receiver's lock and its recovery: an import is a receiver that takes its mail from a directory.
    private func writer(for layout: SpoolLayout) throws -> SegmentWriter {
        do {
            return try SegmentWriter(layout: layout)
        } catch let error as SpoolError where error.code == .locked {
            throw CommandError(
                .temporary,
                "a receiver runs on this spool: stop it, import, and start it again; meanwhile senders wait or try again"
            )
        }
    }

    private func take(_ source: any ImportSource, _ writer: SegmentWriter?, _ workspace: Workspace) async throws
        -> ImportReport
    {
        // Under the lock nothing else comes in: what the index knows now, it knows for the whole import.
        try workspace.ledger.catchUp()
        var mail = MailImport(
            source: source, ledger: workspace.ledger, writer: writer, layout: workspace.layout,
            floor: workspace.configuration.spool.minFree, now: .now(), meter: ExportMeter(total: source.count))
        let doubtful = try mail.doubtful()
        if !doubtful.isEmpty && !withoutDoubtful {
            for line in doubtful { StandardError.write("DOUBTFUL \(line.escapedToOneLine)\n") }
            throw CommandError(
                .temporary,
                "\(doubtful.count) messages may be in a mailbox or not; nothing was imported: let `layover replay` of that spool settle them, or leave them there with --without-doubtful"
            )
        }
        // Given back when all is in: whoever looks into a mailbox then finds its imported mail in the Ledger.
        let shut = try await OlderMailGuard.shut(for: mail, workspace, dryRun: dryRun)
        defer { shut?.release() }
        var report = try await mail.run()
        report.shut = shut?.mailboxIDs ?? []
        return report
    }

    private func finish(_ report: ImportReport, _ workspace: Workspace) throws {
        if !dryRun { try workspace.ledger.catchUp() }
        for line in report.doubtful { StandardError.write("DOUBTFUL \(line.escapedToOneLine)\n") }
        for line in report.damaged { StandardError.write("DAMAGED  \(line.escapedToOneLine)\n") }
        for name in report.unnamed {
            StandardError.write(
                "UNNAMED  \(directory)/\(name): no line of \(ManifestSource.manifestName) names it".escapedToOneLine
                    + "\n")
        }
        var output = Output()
        output.write(report.summary(isDryRun: dryRun))
        if !dryRun { try RestoredSpool.tell(workspace.ledger, report.shut, on: &output) }
        output.flush()
        guard report.unnamed.isEmpty else {
            throw CommandError(
                .badData,
                "\(report.unnamed.count) files were left out, as \(ManifestSource.manifestName) does not say whom they are for; \(report.damaged.count) damaged messages or places were left out too; all others were imported: export again there, into a new directory, and import that too"
            )
        }
        guard report.damaged.isEmpty else {
            throw CommandError(
                .badData, "\(report.damaged.count) damaged messages or places were left out; all others were imported")
        }
    }
}
