import ArgumentParser
import Ledger
import MailModel
import NIOPosix
import Replayer
import Spool

#if canImport(Glibc)
import Glibc
#endif

/// `layover check`: everything that can be found wrong before the weekend.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Check configuration, directories, logins, quota, size limits, folders, certificates; changes nothing.",
        discussion:
            "Without a selection one mailbox of each target is tried, with one every mailbox of it, each login once. Exits 78 for the configuration, 69 when mail of some mailbox could not be delivered, 74 when the disk is at its floor and no mail is taken."
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json
    }

    /// Head lines and our Received: line, which a target's limit must also have room for.
    private static let overhead = ByteCount.kib(4)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @Option(name: .long, help: "table, or json: one object.") var format = Format.table

    func run() async throws {
        let configuration = try common.load(Set(LayoverRole.allCases))
        let targets = try configuration.replayTargets()
        let identity = try configuration.receiverTLS()
        try SpoolOwner.become(ownerOf: configuration.spool.directory, needing: .nothing)
        let ledger = try ledger(configuration)
        var report = try await WaveCheck(
            targets: ledger.map(targets.throttled) ?? targets, group: MultiThreadedEventLoopGroup.singleton
        )
        .run(ledger.map(subjects) ?? [], now: .now())
        let hostFindings = try HostCheck(configuration: configuration, identity: identity, now: .now()).findings(ledger)
        report.findings = hostFindings + report.findings
        let text = CheckText(report, now: .now())
        if format == .json {
            Output.print(text.json)
        } else {
            Output.print("ok      configuration \(configuration.file)")
            let isSound = !hostFindings.contains { !$0.isWarning }
            let place = ledger == nil ? " is made by the first start of `layover receive` or `layover serve`" : ""
            Output.print(
                "\(isSound ? "ok      " : "FAILED  ")spool \(configuration.spool.directory)\(place), SQLite \(Ledger.sqliteVersion)"
            )
            for name in targets.keys.sorted() where !report.targets.contains(where: { $0.name == name }) {
                Output.print("skipped target \(name): the roster has no mailbox on it to log in to")
            }
            Output.print(text.table)
        }
        try checkSizes(configuration, limits(targets, report))
        guard !report.findings.contains(where: { !$0.isWarning && !$0.isOfThisHost }) else {
            throw CommandError(.targetUnavailable, "mail cannot be delivered as things are: \(text.summary)")
        }
        if let failure = hostFindings.first(where: { !$0.isWarning }) {
            throw CommandError(
                .inputOutput,
                "no mail is taken as things are: \(failure.words); \(Remedy.forMailbox(failure.errorClass))")
        }
    }

    /// Nil where there is no spool yet, and one can be made: that is how it is before the first start.
    private func ledger(_ configuration: LayoverConfiguration) throws -> Ledger? {
        let (layout, directory) = (configuration.layout, configuration.spool.directory)
        guard !SpoolNeed.isSpool(directory) else { return try Workspace.open(configuration).ledger }
        guard SpoolNeed.isThere(directory) || access(layout.parent, W_OK | X_OK) == 0 else {
            throw CommandError(
                .configuration,
                "there is no directory \(directory) (`spool.directory`), and it cannot be made in \(layout.parent): \(String(cString: strerror(errno))); make it: install -d -m 2770 -o layover -g layover \(directory)"
            )
        }
        guard !selection.isGiven else {
            throw CommandError(
                .badData, "there is no spool in \(directory) yet, so no mailbox to choose: import the roster first")
        }
        return nil
    }

    /// The selected mailboxes, or the first of each target, with what is held for them.
    private func subjects(_ ledger: Ledger) throws -> [CheckSubject] {
        var chosen = try ledger.mailboxes(selection.selection())
        if !selection.isGiven {
            var seen: Set<String> = []
            chosen = chosen.filter { seen.insert($0.mailbox.target).inserted }
        }
        let largest = try ledger.largestHeld()
        return chosen.map { status in
            CheckSubject(
                mailbox: status.mailbox, held: status.counts.held, heldBytes: status.counts.heldBytes,
                largest: largest[status.mailbox.id] ?? 0)
        }
    }

    private func limits(_ targets: [String: ReplayTarget], _ report: CheckReport) -> [String: ByteCount] {
        var limits = targets.compactMapValues(\.maximumMessageSize)
        for target in report.targets {
            guard let limit = target.appendLimit else { continue }
            limits[target.name] = min(limit, limits[target.name] ?? limit)
        }
        return limits
    }

    /// Mail that is accepted must be small enough to be delivered.
    private func checkSizes(_ configuration: LayoverConfiguration, _ limits: [String: ByteCount]) throws {
        guard let accepted = try configuration.receiveSection()?.maxMessageSize else { return }
        for (name, limit) in limits.sorted(by: { $0.key < $1.key }) {
            guard accepted.bytes + Self.overhead.bytes <= limit.bytes else {
                throw CommandError(
                    .configuration,
                    "receive.max_message_size (\(accepted)) with \(Self.overhead) for head lines exceeds what target \(name) takes (\(limit)): such mail would be accepted and never delivered; lower receive.max_message_size, or raise the target's limit and targets.\(name).max_message_size"
                )
            }
            if format == .table { Output.print("ok      size: \(accepted) accepted, \(limit) taken by \(name)") }
        }
    }
}
