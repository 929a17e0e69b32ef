import ArgumentParser
import Console
import Ledger
import MailModel
import Replayer
import Spool

/// `layover status`: the whole in one screen, healthy first.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what is held, what is delivered, who runs, and what a person must do.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let workspace = try Workspace.open(common)
        let now = Timestamp.now()
        let status = try workspace.ledger.status(now: now)
        let counts = status.counts
        let disk = try DiskFigures.look(
            workspace.layout, floor: workspace.configuration.spool.minFree.consoleFloor, fileSystem: POSIXFileSystem(),
            now: now)
        var output = Output()
        let fields = [
            ("receiver", try isHeld(.receiver, workspace) ? "runs" : "does not run: no mail is taken"),
            (
                "follower",
                try isHeld(.follower, workspace)
                    ? "runs" : "does not run: start `layover replay --follow`, or run `layover replay`"
            ),
            ("messages", "\(status.messages) accepted, for \(counts.total) recipients"),
            ("held", "\(counts.held) (\(ByteCount(counts.heldBytes)))"),
            ("delivered", "\(counts.delivered), of these verified \(counts.verified); merged \(counts.merged)"),
            ("failed", "\(counts.failed)"), ("dropped", "\(counts.dropped)"), ("doubtful", "\(counts.doubtful)"),
            ("no mailbox", "\(status.withoutMailbox.total) deliveries are for addresses that the roster does not know"),
            (
                "mailboxes",
                "\(status.mailboxes), \(status.cutOver) cut over, \(status.paused) paused, \(status.due) with something to do"
            ),
            ("disk", disk.outlook),
            (
                "",
                "\(ByteCount(disk.freeBytes)) free of \(ByteCount(disk.totalBytes)), floor \(workspace.configuration.spool.minFree), \(Self.text(disk.reserve))"
            ),
            (
                "sqlite",
                "\(Ledger.sqliteVersion)"
                    + (Ledger.sqliteVersion.hasWALResetBug
                        ? ", has the WAL-reset bug; one writer at a time keeps it away" : "")
            ),
        ]
        for (name, value) in fields { output.write(name.padded(to: 12) + value + "\n") }
        for throttle in try workspace.ledger.throttles() {
            output.write("throttle".padded(to: 12) + "\(throttle.throttle.target): \(throttle.words)\n")
        }
        for lowered in LoweredConnections.read(workspace.layout) {
            let line =
                "\(lowered.target): \(lowered.connections) of \(lowered.allowed) since \(lowered.since.rfc3339.prefix(19))Z, lowered by trouble (\(lowered.words)); they come back one by one"
            output.write("connections".padded(to: 12) + line.escapedToOneLine + "\n")
        }
        for wave in try workspace.ledger.waves() {
            output.write(
                "wave \(wave.name): \(wave.closedAt == nil ? "open" : "closed"), \(wave.cutOver) of \(wave.mailboxes) mailboxes cut over, \(wave.counts.held) held, \(wave.counts.verified) verified\n"
            )
        }
        for work in try todo(workspace, now: now) { output.write("TO DO: \(work)\n") }
        output.flush()
    }

    private static func text(_ reserve: SpoolReserve.State) -> String {
        switch reserve {
        case .absent: "no reserve"
        case .held(let size): "reserve \(size)"
        case .released: "the reserve is RELEASED: make room, then `layover reserve restore`"
        }
    }

    private func isHeld(_ name: LockName, _ workspace: Workspace) throws -> Bool {
        try SpoolLock.acquire(layout: workspace.layout, name: name, wait: false) == nil
    }

    /// What only a person can settle.
    private func todo(_ workspace: Workspace, now: Timestamp) throws -> [String] {
        let mailboxes = try workspace.ledger.mailboxes()
        let restored = try RestoredSpool.words(workspace.ledger, mailboxes)
        return try [restored].compactMap(\.self) + OpenWork(ledger: workspace.ledger).lines(mailboxes)
    }
}
