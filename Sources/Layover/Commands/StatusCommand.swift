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
            ("no mailbox", "\(status.withoutMailbox.held) deliveries are for addresses that the roster does not know"),
            (
                "mailboxes",
                "\(status.mailboxes), \(status.cutOver) cut over, \(status.paused) paused, \(status.due) with something for replay to do"
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
        let waves = try workspace.ledger.wavesAndRest(now: now)
        // Who has no waves need not hear of them before they are closed.
        for wave in waves where !wave.name.isEmpty || waves.count > 1 || wave.closedAt != nil {
            output.write(
                "wave \(wave.title): \(wave.closedAt == nil ? "open" : "closed"), \(wave.cutOver) of \(wave.mailboxes) mailboxes cut over\(wave.scheduled > 0 ? ", \(wave.scheduled) scheduled" : ""), \(wave.counts.held) held, \(wave.counts.verified) verified\(wave.leftAfterClosing.map { "; CLOSED, and since then \($0)" } ?? "")\n"
            )
        }
        let mailboxes = try workspace.ledger.mailboxes()
        let heldBack = HeldBack(mailboxes: mailboxes, selection: "…", now: now, ledger: workspace.ledger)
        if let paused = try heldBack.pausedIdly() { output.write(paused.escapedToOneLine + "\n") }
        for work in try todo(workspace, mailboxes, heldBack) { output.write("TO DO: \(work)\n") }
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
    private func todo(_ workspace: Workspace, _ mailboxes: [MailboxStatus], _ heldBack: HeldBack) throws -> [String] {
        let restored = try RestoredSpool.words(workspace.ledger, mailboxes)
        return try [restored, heldBack.paused()?.escapedToOneLine].compactMap(\.self)
            + OpenWork(ledger: workspace.ledger).lines(mailboxes)
    }
}
