import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover throttle`: what a target is given at once, changed while the replay runs.
struct ThrottleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throttle",
        abstract: "Give a target fewer connections, messages or bytes a second; a running replay follows at once.",
        discussion:
            "What is not named stays as it is; --off goes back to the configuration. It stands until it is changed, also after a restart. The configuration's connections are never exceeded. Without an option it shows what stands. A rate holds on average: mail goes in batches, the first one at once, and each next one when the one before has had its time."
    )

    @OptionGroup var common: CommonOptions
    @Argument(help: "A target of the configuration.") var target: String
    @Option(name: .long, help: "Mailboxes worked on at once.") var connections: Int?
    @Option(name: .long, help: "Messages a second, all mailboxes together.") var rate: Int?
    @Option(name: .long, help: "A size such as 5 MiB: bytes a second, all mailboxes together.") var bytes: String?
    @Flag(name: .long, help: "As configured again.") var off = false
    @Option(name: .long, help: "Why, for the journal.") var reason = ""

    func validate() throws {
        guard [connections, rate].allSatisfy({ $0.map { $0 > 0 } ?? true }) else {
            throw ValidationError("A number of at least 1; to deliver nothing, use `layover pause`.")
        }
        guard !(off && (connections != nil || rate != nil || bytes != nil)) else {
            throw ValidationError("--off goes alone.")
        }
        guard try size.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--bytes takes at least 1 B; to deliver nothing, use `layover pause`.")
        }
    }

    func run() async throws {
        let workspace = try Workspace.open(common)
        let sections = try workspace.configuration.targetSections()
        guard let configured = sections[target]?.connections else {
            throw CommandError(
                .badData,
                "the configuration has no target \(target); it has: \(sections.keys.sorted().joined(separator: ", "))")
        }
        let standing = try workspace.ledger.throttles().first { $0.throttle.target == target }
        guard off || connections != nil || rate != nil || bytes != nil else {
            return Output.print("\(target): \(standing?.words ?? "as configured"), \(configured) connections")
        }
        let new = try changed(standing?.throttle ?? Throttle(target: target))
        try await workspace.record([.throttled(new, why: reason)])
        let before = (standing?.throttle ?? Throttle(target: target)).words
        Output.print(
            "\(target): \(new.words), before that \(before); the configuration allows \(configured) connections")
    }

    private func changed(_ standing: Throttle) throws -> Throttle {
        guard !off else { return Throttle(target: target) }
        var new = standing
        new.connections = connections ?? standing.connections
        new.messagesPerSecond = rate ?? standing.messagesPerSecond
        new.bytesPerSecond = try size ?? standing.bytesPerSecond
        return new
    }

    /// Of `--bytes`, in octets.
    private var size: Int? {
        get throws {
            guard let bytes else { return nil }
            guard let size = ByteCount(bytes) else {
                throw ValidationError("--bytes \(bytes): write a size such as \"5 MiB\".")
            }
            return size.bytes
        }
    }
}

extension TargetThrottle {
    /// What stands, since when, by whom, why: on one line.
    var words: String {
        let reason = why.isEmpty ? "" : " (\(why.escapedToOneLine))"
        return "\(throttle.words) since \(since.rfc3339) by \(by.escapedToOneLine)\(reason)"
    }
}
