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
            "No message is ever changed; that a spool was restored, copied or cut short is journaled, so look at a copy of your only backup. The index is built a second time beside the first (the disk needs room for it) and replaces it where they differ. Mail is taken meanwhile, replay waits. Exits 65 where mail or acts are damaged or missing."
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
        Self.show(findings, on: &output)
        output.flush()
        // An index that knows more than the spool is the only one that can tell that it was restored or cut: it is asked, and kept,
        // before another one takes its place.
        try RestoredSpool.notice(configuration, by: "fsck")
        let comparison = try Ledger.compare(
            layout: layout, rules: configuration.addressRules, damaged: findings.damagedMessages,
            isJournalDamaged: findings.damage.contains { $0.file.hasPrefix(layout.journal + "/") })
        Self.show(comparison, on: &output)
        var missing = comparison.missing
        // Where the index alone knows of mail it stays as it is.
        if comparison.missing == 0 {
            missing = try Self.showUnknown(configuration, writingRoster: comparison.isRepaired, on: &output)
        }
        Self.showMissing(findings.missingSegments, "segments", on: &output) {
            "\(layout.segment($0)): there is no such file, and no act says that its messages were reclaimed"
        }
        missing += findings.missingSegments.count
        try Self.showUnnamed(findings.unnamedLargeFiles, configuration, on: &output)
        output.flush()
        guard findings.damage.isEmpty, missing == 0 else {
            throw CommandError(
                .badData,
                "\(findings.damage.count) damaged places, \(missing) messages or segments missing; all other mail is served; keep the disk and restore these files from a backup"
            )
        }
    }

    private static func show(_ findings: SpoolFindings, on output: inout Output) {
        output.write(
            "\(findings.segments) segments, \(findings.messages) messages (\(ByteCount(findings.bytes))), \(findings.recipients) deliveries, \(findings.acts) acts read\n"
        )
        for damage in findings.damage { output.write("DAMAGED  \(damage)".escapedToOneLine + "\n") }
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
        if comparison.kept > 0 {
            output.write(
                "kept     \(comparison.kept) subjects and Message-IDs as the index has them, since the bytes of those messages are damaged\n"
            )
        }
        if comparison.isSame {
            output.write("ok       the index is what the spool says, in every message, delivery, mailbox and act\n")
        } else if comparison.isRepaired {
            output.write("repaired the index was built again from the spool: nothing more is to be done\n")
        } else if comparison.missing == 0 {
            output.write(
                "kept     the index stays as it is, since it alone knows the damaged acts; restore the journal, then run `layover fsck` again; after `layover reindex` every mailbox must be looked into (`layover replay --reconcile`)\n"
            )
        } else {
            output.write(
                "kept     the index stays as it is, since it alone knows of the missing mail; restore the spool, then run `layover fsck` again; `layover reindex --forget-missing-mail` would forget that mail\n"
            )
        }
    }

    private static let lostShown = 100

    /// What acts name that is not here, and whether mailboxes are still to be looked into. Returns how many messages are lost.
    private static func showUnknown(
        _ configuration: LayoverConfiguration, writingRoster: Bool, on output: inout Output
    ) throws -> Int {
        let ledger = try Ledger.open(
            layout: configuration.layout, role: .writer, rules: configuration.addressRules)
        defer { ledger.close() }
        try ledger.catchUp()
        if writingRoster { try ledger.writeRosterSnapshot() }
        let all = try ledger.lostMessages()
        let lost = all.filter { !$0.isBehindSegments }
        showMissing(lost, "messages", on: &output) {
            "message \($0.id): act \($0.act) names it, no segment has it, and no act says that it was reclaimed"
        }
        let known = Set(all.map(\.id))
        let missing = try ledger.missingSinceRestore().filter { !known.contains($0) }
        showMissing(missing, "messages", on: &output) {
            "message \($0): an index from before a restore knows it (\(configuration.layout.ledger).before-restore), no segment has it"
        }
        // A backup has its segments from before its journal: what came in between is named there and is not here.
        if all.count > lost.count {
            output.write(
                "behind   \(all.count - lost.count) messages came after the segments end and are named by acts: the segments are older than the journal, as in a backup of a running spool; where this is none, their end was lost\n"
            )
        }
        let unmatched = try ledger.progress().unmatched
        if unmatched > 0 {
            output.write(
                "acts     \(unmatched) times an act names a mailbox, batch or delivery that no act before it has made\n"
            )
        }
        if let words = try RestoredSpool.words(ledger, ledger.mailboxes()) {
            output.write("restored \(words)\n")
        }
        return lost.count + missing.count
    }

    /// A line for each of the first, and one for the rest.
    private static func showMissing<Item>(
        _ items: [Item], _ name: String, on output: inout Output, _ words: (Item) -> String
    ) {
        for item in items.prefix(lostShown) { output.write("MISSING  \(words(item))\n") }
        if items.count > lostShown { output.write("MISSING  and \(items.count - lostShown) \(name) more\n") }
    }

    /// Large files without a record, each with what the index and the acts know of its message.
    private static func showUnnamed(
        _ names: [String], _ configuration: LayoverConfiguration, on output: inout Output
    ) throws {
        guard !names.isEmpty else { return }
        let ledger = try Ledger.open(layout: configuration.layout, role: .reader, rules: configuration.addressRules)
        defer { ledger.close() }
        for name in names {
            let words =
                switch try MessageID(name).flatMap(ledger.trace) {
                case nil: "left by a crash before it was accepted; no message refers to it"
                case .accepted: "its message was accepted and its record is gone; these bytes are its last: keep them"
                case .givenBack: "its message was reclaimed, and a crash came before its end; the next reclaim ends it"
                }
            output.write("unnamed  \(configuration.layout.large)/\(name): \(words)\n")
        }
    }
}
