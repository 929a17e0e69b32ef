import ArgumentParser
import Ledger
import Logging
import MailModel
import NIOPosix
import Replayer
import Spool

/// `layover rehearse`: the weekend in small, before the weekend.
struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Copy some held mail into a shadow folder, compare, measure, forecast, and remove it again.",
        discussion:
            "What is held stays held, and nothing counts as delivered. If it is interrupted, the next run or --clean removes what it left. Exits 75 when something would not go, was not tried, or could not be removed; 69 when only a target could not be reached."
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json
    }

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @Option(name: .long, help: "The shadow folder; made and removed where it is not there.")
    var into = "Layover-Rehearsal"
    @Option(name: .long, help: "Put the copies into this one account (by login) instead of the mailboxes' own.")
    var account: String?
    @Option(name: .long, help: "At most so many messages of each mailbox.") var messages = RehearsalLimits.messages
    @Option(name: .long, help: "At most so much of each mailbox, such as 8MiB.")
    var bytes = RehearsalLimits.bytes.description
    @Flag(name: .long, help: "Only remove what interrupted rehearsals have left.") var clean = false
    @Option(name: .long, help: "table, or json: one object.") var format = Format.table
    @Option(name: .long, help: "Why, for the journal.") var reason = ""

    func validate() throws {
        if !clean { try selection.requireGiven() }
        guard messages > 0 else { throw ValidationError("--messages \(messages): write a number above 0.") }
        guard ByteCount(bytes) != nil else { throw ValidationError("--bytes \(bytes): write a size such as 8MiB.") }
    }

    func run() async throws {
        let workspace = try Workspace.open(common)
        let targets = try common.load([.replay]).replayTargets()
        guard let lock = try SpoolLock.acquire(layout: workspace.layout, name: .rehearsal, wait: false) else {
            throw CommandError(.temporary, "another rehearsal is running; wait for its end")
        }
        defer { lock.release() }
        let engine = RehearsalEngine(
            ledger: workspace.ledger, journal: try workspace.journal(), targets: targets,
            group: MultiThreadedEventLoopGroup.singleton, logger: workspace.configuration.logger())
        try await cleanUp(engine)
        if !clean { try await rehearse(engine, workspace) }
    }

    private func cleanUp(_ engine: RehearsalEngine) async throws {
        let left = try await engine.clean()
        if clean || left.cleaned > 0 {
            StandardError.write("\(left.cleaned) interrupted rehearsals cleaned up\n")
        }
        guard left.problems.isEmpty else {
            throw CommandError(
                .temporary,
                "copies of an interrupted rehearsal are left: \(left.problems.joined(separator: "; "))".escapedToOneLine
            )
        }
    }

    private func rehearse(_ engine: RehearsalEngine, _ workspace: Workspace) async throws {
        let now = Timestamp.now()
        let chosen = try workspace.ledger.mailboxes(selection.selection())
        let waiting = chosen.filter { status in status.cutoverAt.map { $0 > now } ?? true }
        if waiting.count < chosen.count {
            StandardError.write("\(chosen.count - waiting.count) mailboxes are cut over already and left out\n")
        }
        let plan = RehearsalPlan(
            folder: into, account: account, messages: messages, bytes: ByteCount(bytes) ?? RehearsalLimits.bytes,
            why: reason)
        let report = try await engine.run(waiting, plan: plan, now: now)
        let text = RehearsalText(report)
        Output.print(format == .json ? text.json : text.table)
        guard report.isClean else {
            throw CommandError(.temporary, "copies of the rehearsal are left: `layover rehearse --clean` removes them")
        }
        guard !report.isUnreachable else {
            throw CommandError(
                .targetUnavailable, "a target cannot be reached, and not everything was tried; see above")
        }
        guard report.isSound else {
            throw CommandError(.temporary, "not everything would go, or was tried; see above")
        }
    }
}
