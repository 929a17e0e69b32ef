import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover fsck`: reads every byte of the spool, and holds the index against it. Repairs the index only.
struct FsckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck",
        abstract:
            "Read the whole spool, check every digest and the journal's chain, compare with the index and repair that.",
        discussion:
            "The spool is never changed. The index is built a second time beside the first (the disk needs room for it) and replaces it where they differ. Mail is taken meanwhile, replay waits. Exits 65 where mail or acts are damaged or missing."
    )

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let configuration = try common.load()
        try SpoolOwner.become(ownerOf: configuration.spool.directory, needing: .directory)
        let layout = configuration.layout
        guard try SpoolCopy(directory: layout.directory).isWhole() else {
            throw CommandError(
                .badData, "\(layout.directory) is no spool: it lacks segments/ or journal/ (`spool.directory` names it)"
            )
        }
        // A copy from a backup has no locks yet.
        try layout.create(POSIXFileSystem())
        let findings = try SpoolExamination(layout: layout).run()
        var output = Output()
        Self.show(findings, layout, on: &output)
        output.flush()
        let comparison = try Ledger.compare(layout: layout, rules: configuration.addressRules)
        Self.show(comparison, on: &output)
        // Where the index alone knows of mail it stays as it is, and so does what it says of the spool.
        if comparison.missing == 0 {
            try RestoredSpool.notice(configuration, by: "fsck")
            try Self.showRestored(configuration, writingRoster: comparison.isRepaired, on: &output)
        }
        output.flush()
        guard findings.damage.isEmpty, comparison.missing == 0 else {
            throw CommandError(
                .badData,
                "\(findings.damage.count) damaged places, \(comparison.missing) messages missing; all other mail is served; keep the disk and restore these files from a backup"
            )
        }
    }

    private static func show(_ findings: SpoolFindings, _ layout: SpoolLayout, on output: inout Output) {
        output.write(
            "\(findings.segments) segments, \(findings.messages) messages (\(ByteCount(findings.bytes))), \(findings.recipients) deliveries, \(findings.acts) acts read\n"
        )
        for damage in findings.damage { output.write("DAMAGED  \(damage)".escapedToOneLine + "\n") }
        for name in findings.unnamedLargeFiles {
            output.write(
                "unnamed  \(layout.large)/\(name): left by a crash before it was accepted; no message refers to it\n")
        }
        if findings.tornBytes > 0 {
            output.write(
                "torn     \(findings.tornBytes) bytes behind the last whole record; nothing says that they were acknowledged\n"
            )
        }
        for path in findings.keptTornEnds {
            output.write(
                "kept     \(path): a torn end that a start cut off; look at it, then remove it".escapedToOneLine + "\n")
        }
        for path in findings.aliens {
            output.write("alien    \(path): no file of the spool; nothing reads it".escapedToOneLine + "\n")
        }
        for path in findings.unsealedSegments {
            output.write(
                "unsealed \(path): ended by a kill or a power cut; where there was none, its end is missing"
                    .escapedToOneLine + "\n")
        }
    }

    private static func show(_ comparison: LedgerComparison, on output: inout Output) {
        for fault in comparison.faults { output.write("INDEX    \(fault)".escapedToOneLine + "\n") }
        for difference in comparison.differences {
            let word = difference.isMissingMail ? "MISSING " : "INDEX   "
            output.write("\(word) \(difference)".escapedToOneLine + "\n")
        }
        let unnamed = comparison.count - comparison.differences.count
        if unnamed > 0 { output.write("INDEX    and \(unnamed) differences more\n") }
        if comparison.isSame {
            output.write("ok       the index is what the spool says, in every message, delivery, mailbox and act\n")
        } else if comparison.isRepaired {
            output.write("repaired the index was built again from the spool: nothing more is to be done\n")
        } else {
            output.write(
                "kept     the index stays as it is, since it alone knows of the missing mail; restore the spool, then run `layover fsck` again, or `layover reindex` to forget that mail\n"
            )
        }
    }

    /// What a backup lacks, and whether mailboxes are still to be looked into.
    private static func showRestored(
        _ configuration: LayoverConfiguration, writingRoster: Bool, on output: inout Output
    ) throws {
        let ledger = try Ledger.open(
            layout: configuration.layout, role: .writer, rules: configuration.addressRules)
        defer { ledger.close() }
        try ledger.catchUp()
        if writingRoster { try ledger.writeRosterSnapshot() }
        // A backup has its segments from before its journal: what came in between is named there and is not here.
        let unmatched = try ledger.progress().unmatched
        if unmatched > 0 {
            output.write(
                "missing  \(unmatched) times an act names a message, batch or mailbox that is not here: the segments are older than the journal, or were lost\n"
            )
        }
        if let words = try RestoredSpool.words(ledger, ledger.mailboxes()) {
            output.write("restored \(words)\n")
        }
    }
}
