import ArgumentParser
import Logging
import MailModel
import NIOPosix
import Replayer
import Spool

/// `layover reclaim`: gives the disk back.
struct ReclaimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reclaim",
        abstract: "Remove the bytes of verified mail whose wave has been closed longer than spool.retention.",
        discussion: """
            What is known of the messages stays: audit, prove and show answer as before. Before bytes go, each mailbox is asked \
            for its copies once more. Exits 75 where so many have vanished that nothing of a mailbox was removed, 69 where a \
            mailbox could not be asked.
            """)

    @OptionGroup var common: CommonOptions
    @Flag(name: .long, help: "Look and ask, print what would go, and remove nothing.") var dryRun = false
    @Flag(name: .long, help: "Also where many copies have vanished from a mailbox, and you know why.")
    var acceptVanished = false

    func run() async throws {
        let workspace = try Workspace.open(common)
        let targets = try common.load([.replay]).replayTargets()
        let journal = try workspace.journal()
        let reclaimer = Reclaimer(
            ledger: workspace.ledger, journal: journal, targets: targets, group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "layover") { _ in LineLogHandler(level: .error, isJSON: false) })
        let options = ReclaimOptions(
            retention: workspace.configuration.spool.retention, isDryRun: dryRun, acceptsVanished: acceptVanished)
        let isDryRun = dryRun
        let report = try await reclaimer.run(options) { segment in
            Output.print(Self.line(segment, isDryRun: isDryRun))
        }
        journal.close()
        LogSink.standardError.flush()
        finish(report)
        try judge(report)
    }

    private static func line(_ segment: ReclaimedSegment, isDryRun: Bool) -> String {
        let name = "segment \(segment.number) (\(ByteCount(segment.size)))  "
        let went = "\(segment.messages) messages, \(ByteCount(segment.freed)) given back"
        switch segment.action {
        case .removed: return name + (isDryRun ? "would be removed: " : "removed: ") + went
        case .compacted(let kept):
            return name + (isDryRun ? "would be written anew: " : "written anew: ") + went + ", \(kept) messages kept"
        case .stays(let why): return (name + "stays: " + why).escapedToOneLine
        }
    }

    private func finish(_ report: ReclaimReport) {
        let asked = report.mailboxes.reduce(0) { $0 + $1.asked }
        let missing = report.mailboxes.reduce(0) { $0 + $1.missing }
        Output.print(
            "\(report.messages) messages, \(ByteCount(report.freed)) \(dryRun ? "would be given back; nothing was done" : "given back")"
        )
        if asked > 0 {
            Output.print(
                "\(report.mailboxes.count) mailboxes asked for \(asked) copies, \(missing) of them are gone")
        }
    }

    private func judge(_ report: ReclaimReport) throws {
        for mailbox in report.alarming {
            Output.print(
                "STOPPED  \(mailbox.address) on \(mailbox.target): \(mailbox.missing) of \(mailbox.asked) copies are gone; nothing of it was removed"
                    .escapedToOneLine)
        }
        for mailbox in report.unreachable {
            Output.print(
                "SKIPPED  \(mailbox.address) on \(mailbox.target): \(mailbox.error?.description ?? "")"
                    .escapedToOneLine)
        }
        if let first = report.alarming.first {
            throw CommandError(
                .temporary,
                "copies have vanished from \(report.alarming.count) mailboxes, first \(first.address) (\(first.missing) of \(first.asked)): \(ReclaimedMailbox.remedy)"
            )
        }
        guard report.unreachable.isEmpty else {
            throw CommandError(
                .targetUnavailable,
                "\(report.unreachable.count) mailboxes could not be asked; nothing of them was removed")
        }
    }
}
