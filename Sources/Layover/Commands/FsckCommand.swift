import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover fsck`: reads every byte of the spool and compares it with the index. Changes nothing.
struct FsckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck",
        abstract: "Read the whole spool, check every digest and the journal's chain, compare with the index.",
        discussion: "Mail is taken meanwhile. Exits 65 where something is damaged or missing.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let workspace = try Workspace.open(common)
        let findings = try SpoolExamination(layout: workspace.layout).run()
        let status = try workspace.ledger.status(now: .now())
        var output = Output()
        output.write(
            "\(findings.segments) segments, \(findings.messages) messages (\(ByteCount(findings.bytes))), \(findings.recipients) deliveries, \(findings.acts) acts read\n"
        )
        for damage in findings.damage { output.write("DAMAGED  \(damage)\n".escapedLine) }
        for name in findings.unnamedLargeFiles {
            output.write(
                "unnamed  \(workspace.layout.large)/\(name): left by a crash before it was accepted; no message refers to it\n"
            )
        }
        if findings.tornBytes > 0 {
            output.write("torn     \(findings.tornBytes) bytes behind the last synced group; never acknowledged\n")
        }
        for path in findings.keptTornEnds {
            output.write("kept     \(path): a torn end that a start cut off; look at it, then remove it\n".escapedLine)
        }
        for path in findings.aliens {
            output.write("alien    \(path): no file of the spool; nothing reads it\n".escapedLine)
        }
        for path in findings.unsealedSegments {
            output.write(
                "unsealed \(path): ended by a kill or a power cut; where there was none, its end is missing\n"
                    .escapedLine)
        }
        let isIndexed = status.messages >= findings.messages && status.counts.total >= findings.recipients
        output.write(
            isIndexed
                ? "ok       the index has every message\n"
                : "INDEX    the index has \(status.messages) messages: run `layover reindex`\n")
        output.flush()
        guard findings.damage.isEmpty else {
            throw CommandError(
                .badData,
                "\(findings.damage.count) damaged places; all other mail is served; keep the disk and restore these files from a backup"
            )
        }
        guard isIndexed else { throw CommandError(.badData, "the index lacks messages; run `layover reindex`") }
    }
}

extension String {
    fileprivate var escapedLine: String { String(dropLast()).escapedToOneLine + "\n" }
}
