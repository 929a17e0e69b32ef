import ArgumentParser
import Ledger
import MailModel
import NIOPosix
import Replayer
import Spool

/// `layover check`: everything that can be found wrong before the weekend.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check configuration, directories, logins and size limits; changes nothing.",
        discussion:
            "Without a selection one mailbox of each target is tried. Exits 78 for the configuration, 69 for a target.")

    /// Head lines and our Received: line, which a target's limit must also have room for.
    private static let overhead = ByteCount.kib(4)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions

    func run() async throws {
        let configuration = try common.load(Set(LayoverRole.allCases))
        Output.print("ok      configuration \(configuration.file)")
        let targets = try configuration.replayTargets()
        try SpoolOwner.become(ownerOf: configuration.spool.directory)
        try RestoredSpool.notice(configuration, by: SpoolOwner.caller)
        let ledger = try Ledger.open(
            layout: configuration.layout, role: .writer, rules: configuration.addressRules)
        try ledger.catchUp()
        Output.print("ok      spool \(configuration.spool.directory), SQLite \(Ledger.sqliteVersion)")
        var limits = targets.compactMapValues(\.maximumMessageSize)
        var failures = 0
        for status in try probes(ledger, targets) {
            guard let target = targets[status.mailbox.target] else {
                failures += 1
                Output.print(
                    "FAILED  \(status.mailbox.address): target \(status.mailbox.target) is not in the configuration")
                continue
            }
            failures += try await probe(status, target, &limits) ? 0 : 1
        }
        try checkSizes(configuration, limits)
        guard failures == 0 else {
            throw CommandError(
                .targetUnavailable, "\(failures) mailboxes cannot be delivered to now; see the lines above")
        }
    }

    /// The selected mailboxes, or the first of each target.
    private func probes(_ ledger: Ledger, _ targets: [String: ReplayTarget]) throws -> [MailboxStatus] {
        let chosen = try ledger.mailboxes(selection.selection())
        if selection.isGiven { return chosen }
        var seen: Set<String> = []
        let first = chosen.filter { seen.insert($0.mailbox.target).inserted }
        for name in targets.keys.sorted() where !seen.contains(name) {
            Output.print("skipped target \(name): the roster has no mailbox on it to log in to")
        }
        return first
    }

    private func probe(_ status: MailboxStatus, _ target: ReplayTarget, _ limits: inout [String: ByteCount])
        async throws -> Bool
    {
        do {
            let probe = try await TargetProbe.run(
                target, login: status.mailbox.login, folder: status.mailbox.folder,
                group: MultiThreadedEventLoopGroup.singleton)
            if let limit = probe.appendLimit { limits[target.name] = min(limit, limits[target.name] ?? limit) }
            var line =
                "ok      \(status.mailbox.address) on \(target.name): \(probe.server), \(probe.messages) messages there"
            if let free = probe.quotaFree {
                line += ", \(ByteCount(Int(clamping: free))) quota free"
                if free < UInt64(status.counts.heldBytes) {
                    Output.print(
                        "FAILED  \(status.mailbox.address): \(ByteCount(status.counts.heldBytes)) held, only \(ByteCount(Int(clamping: free))) of quota free"
                    )
                    return false
                }
            }
            Output.print(line.escapedToOneLine)
            return true
        } catch let error as ReplayError {
            Output.print("FAILED  \(status.mailbox.address) on \(target.name): \(error)".escapedToOneLine)
            return false
        }
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
            Output.print("ok      size: \(accepted) accepted, \(limit) taken by \(name)")
        }
    }
}
