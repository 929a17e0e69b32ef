import ArgumentParser
import Ledger
import Logging
import MailModel
import NIOPosix
import Replayer
import ServiceLifecycle
import Spool
import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

/// `layover replay`: puts the held mail of cut-over mailboxes into them.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Deliver held mail of cut-over mailboxes by IMAP APPEND, exactly once, and compare every copy.",
        discussion:
            "Exits 0 when nothing is left, 75 when some mail is still to do, 69 when a target could not be reached.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @Option(name: .long, parsing: .upToNextOption, help: "Only these messages, by id.") var message: [String] = []
    @Flag(name: .long, help: "Stay, and deliver new mail as it comes.") var follow = false
    @Flag(name: .long, help: "Print what would be delivered, and deliver nothing.") var dryRun = false
    @Option(
        name: .long, help: "Write what became of the mail of each mailbox and wave to FILE.json or FILE.csv at the end."
    )
    var report: String?
    @Flag(
        name: .long,
        help:
            "After a restore: look into the mailboxes for our ids and adopt what is there. Delivers nothing; then run replay."
    ) var reconcile = false
    @Option(
        name: .long,
        help: ArgumentHelp(
            "With --reconcile: a folder that the server will never open, or show wholly, by its name as --reconcile prints it; may be repeated. What of ours lies there is delivered again.",
            valueName: "name")
    ) var withoutFolder: [String] = []

    func validate() throws {
        _ = try message.map(FilterOptions.messageID)
        if follow && (dryRun || selection.isGiven || !message.isEmpty) {
            throw ValidationError("--follow follows every mailbox; it takes no selection and no --dry-run.")
        }
        if report != nil && (follow || dryRun || reconcile) {
            throw ValidationError("--report belongs to a replay; `layover report` prints one at any time.")
        }
        if !withoutFolder.isEmpty && !reconcile {
            throw ValidationError("--without-folder belongs to --reconcile.")
        }
        if reconcile && (follow || dryRun || !message.isEmpty) {
            throw ValidationError("--reconcile takes a selection, and neither --follow, --dry-run nor --message.")
        }
    }

    func run() async throws {
        if follow { return try await runFollower() }
        if dryRun { return try printPlan() }
        if reconcile {
            return try await Reconciliation(
                common: common, selection: selection.selection(), withoutFolders: withoutFolder
            ).run()
        }
        let chosen = ReplaySelection(
            mailboxes: try selection.selection(), messages: Set(try message.map(FilterOptions.messageID)))
        guard let report else { return try await deliverOrWatch(chosen, in: Workspace.open(common)) }
        let file = try ReportFile(report)
        let workspace = try Workspace.open(common)
        do {
            try await deliverOrWatch(chosen, in: workspace)
        } catch {
            // What is left to do is what the report is read for.
            try write(chosen, in: workspace, to: file)
            throw error
        }
        try write(chosen, in: workspace, to: file)
    }

    private func write(_ chosen: ReplaySelection, in workspace: Workspace, to file: ReportFile) throws {
        try workspace.ledger.catchUp()
        try file.write(workspace.ledger.report(chosen.mailboxes, now: .now()))
    }

    private func deliverOrWatch(_ chosen: ReplaySelection, in plain: Workspace) async throws {
        // Names an id that is none.
        _ = try plain.ledger.deliveries(of: chosen.messages)
        // The follower has the connections and the credentials: it delivers, this command watches.
        guard let probe = try SpoolLock.acquire(layout: plain.layout, name: .follower, wait: false) else {
            try await ReplayWatch(
                ledger: plain.ledger, selection: chosen.mailboxes, messages: chosen.messages, words: selection.words
            ).run()
            return try RestoredSpool.refuse(plain.ledger, plain.ledger.mailboxes(chosen.mailboxes))
        }
        probe.release()
        try await deliver(chosen, in: plain)
    }

    private func deliver(_ chosen: ReplaySelection, in workspace: Workspace) async throws {
        let targets = try common.load([.replay]).replayTargets()
        let isTerminal = Terminal.isStandardErrorOne
        let logger =
            isTerminal
            ? Logger(label: "layover") { _ in LineLogHandler(level: .error, isJSON: false) }
            : workspace.configuration.logger()
        let engine = ReplayEngine(
            ledger: workspace.ledger, journal: try workspace.journal(), targets: targets,
            group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let due = try workspace.ledger.dueMailboxes(chosen.mailboxes, now: .now())
        let meter = ReplayMeter(
            progress: engine.progress, messages: due.reduce(0) { $0 + $1.counts.held }, mailboxes: due.count,
            logger: isTerminal ? nil : logger)
        let report = try await withThrowingTaskGroup(of: ReplayReport?.self) { group in
            group.addTask { try await engine.replayOnce(chosen) }
            group.addTask {
                await meter.run()
                return nil
            }
            group.addTask {
                await Self.endWhenTold(engine)
                return nil
            }
            // The meter and the signals end only when they are cancelled.
            let report = try await group.next() ?? nil
            group.cancelAll()
            return report
        }
        LogSink.standardError.flush()
        guard let report else { return }
        try finish(report, meter, workspace.ledger, chosen)
    }

    /// The first SIGTERM or SIGINT lets the running batches end, so that nothing is left in doubt and the summary tells what was done;
    /// the second ends the process: what runs is found in the journal and looked for next time.
    private static func endWhenTold(_ engine: ReplayEngine) async {
        var isFirst = true
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
            guard isFirst else { _exit(ExitStatus.temporary.rawValue) }
            isFirst = false
            StandardError.write("\nending after the running batches; once more ends at once\n")
            engine.stopSoon()
        }
    }

    private func finish(
        _ report: ReplayReport, _ meter: ReplayMeter, _ ledger: Ledger, _ chosen: ReplaySelection
    ) throws {
        var output = Output()
        output.write(meter.summary(report))
        let statuses = try ledger.mailboxes(chosen.mailboxes)
        output.write(try Self.all(chosen.mailboxes, statuses, ledger))
        let meant = try HeldBack.meant(by: chosen.messages, among: statuses, ledger)
        let heldBack = HeldBack(mailboxes: meant, selection: selection.words, now: .now(), ledger: ledger)
        for line in try heldBack.lines() { output.write(line + "\n") }
        output.flush()
        let shut = Set(report.unreconciled.map(\.id))
        try RestoredSpool.refuse(ledger, statuses.filter { shut.contains($0.mailbox.id) })
        guard report.notLookedFor == 0 else {
            throw CommandError(
                .temporary,
                "it has ended before it could look whether the server has kept \(report.notLookedFor) messages that it had refused: the next `layover replay` looks within the hour, `layover prove --live` at any time"
            )
        }
        guard report.held == 0, report.failed == 0, report.problems.isEmpty else {
            let unreachable = !report.problems.isEmpty && report.problems.allSatisfy { $0.error.code == .unavailable }
            let place = chosen.messages.isEmpty ? "in cut-over mailboxes" : "of the messages named"
            throw CommandError(
                unreachable ? .targetUnavailable : .temporary,
                "\(report.held) deliveries still held\(report.held > 0 && heldBack.pausedHeld > 0 ? " (\(min(report.held, heldBack.pausedHeld)) in paused mailboxes, see above)" : "") and \(report.failed) parked \(place), \(report.problems.count) mailboxes that could not go on; nothing is lost, run `layover status` to see why"
            )
        }
    }

    /// With everything selected, of all that was accepted, as `status` and `prove` count it.
    private static func all(
        _ selection: MailboxSelection, _ statuses: [MailboxStatus], _ ledger: Ledger
    ) throws -> String {
        var all = DeliveryCounts()
        var without = 0
        if selection.isEverything {
            let status = try ledger.status(now: .now())
            (all, without) = (status.counts, status.withoutMailbox.held)
        } else {
            for status in statuses { all += status.counts }
        }
        let nobodys = without > 0 ? " (\(without) of them for no mailbox of the roster)" : ""
        return
            "in all \(all.delivered) delivered, \(all.verified) verified, \(all.merged) merged, \(all.doubtful) doubtful, \(all.failed) parked, \(all.held) held\(nobodys); for each mailbox: layover report\n"
    }

    private func printPlan() throws {
        let workspace = try Workspace.open(common)
        let chosen = try workspace.ledger.mailboxes(selection.selection())
        let due = chosen.filter { $0.isDue(now: .now()) }
        var table = TextTable(["MAILBOX", "TARGET", "HELD", "BYTES", "IN DOUBT", "UNVERIFIED"])
        for status in due {
            table.add([
                status.mailbox.address, status.mailbox.target, "\(status.counts.held)",
                "\(ByteCount(status.counts.heldBytes))",
                "\(status.openIntents)", "\(status.counts[.delivered])",
            ])
        }
        if let words = try RestoredSpool.words(workspace.ledger, chosen) {
            Output.print(words)
        }
        let heldBack = HeldBack(
            mailboxes: chosen, selection: selection.words, now: .now(), ledger: workspace.ledger)
        for line in try heldBack.lines() { Output.print(line) }
        Output.print(
            table.text + "\(due.count) mailboxes, \(due.reduce(0) { $0 + $1.counts.held }) messages; nothing was done")
    }

    private func runFollower() async throws {
        let configuration = try common.load([.replay])
        try SpoolOwner.become(ownerOf: configuration.spool.directory, needing: .directory)
        let logger = configuration.logger()
        let replay = try LayoverServices.replay(configuration, logger: logger)
        let reclaim = LayoverServices.reclaim(configuration, beside: replay, logger: logger)
        let progress = LayoverServices.progress(of: replay, logger: logger)
        let services: [(any Service)?] = [replay, reclaim, progress]
        try await LayoverServices.run(services.compactMap(\.self), logger: logger)
    }
}
