import Ledger
import MailModel
import Spool

/// The Ledger of a console and what it remembers from one reading to the next. Blocks.
struct LedgerConsoleReading: Sendable {
    private var ledger: Ledger?
    private var lag = LagMeter()
    private var end = SpoolEnd()
    private var oldest = OldestHeldMail()

    /// The next reading opens the Ledger anew.
    mutating func forgetLedger() {
        ledger = nil
        oldest = OldestHeldMail()
    }

    mutating func figures(
        open: () throws -> Ledger, layout: SpoolLayout, fileSystem: any SpoolFileSystem, errors: [String: String],
        now: Timestamp
    ) throws -> LedgerFigures {
        let ledger = try self.ledger ?? open()
        self.ledger = ledger
        // The end first: what comes after it is not behind.
        let end = try self.end.position(layout: layout, fileSystem: fileSystem)
        let status = try ledger.status(now: now)
        let mailboxes = try ledger.mailboxes()
        return LedgerFigures(
            deliveries: Self.deliveries(status.counts), heldBytes: status.counts.heldBytes,
            oldestHeldAt: try oldest.receivedAt(mailboxes, in: ledger), heldWithoutMailbox: status.withoutMailbox.held,
            lagSeconds: lag.lagSeconds(end: end, read: status.progress.spool, now: now),
            damagedPlaces: Int(clamping: status.progress.damage),
            mailboxes: mailboxes.map { Self.mailbox($0, error: errors[$0.mailbox.id], now: now) },
            waves: try ledger.waves(now: now).map(Self.wave))
    }

    private static func deliveries(_ counts: DeliveryCounts) -> DeliveryFigures {
        var figures = DeliveryFigures()
        figures.held = counts.held
        figures.appending = counts[.appending]
        figures.delivered = counts.delivered
        figures.verified = counts.verified
        figures.merged = counts.merged
        figures.passed = counts.passed
        figures.handedOff = counts.handedOff
        figures.failed = counts.failed
        figures.dropped = counts.dropped
        figures.doubtful = counts.doubtful
        return figures
    }

    private static func mailbox(_ status: MailboxStatus, error: String?, now: Timestamp) -> MailboxFigures {
        MailboxFigures(
            address: status.mailbox.address, target: status.mailbox.target, wave: status.mailbox.wave,
            phase: phase(status, now: now),
            state: status.state(now: now), held: status.counts.held, delivered: status.counts.delivered,
            verified: status.counts.verified, failed: status.counts.failed, doubtful: status.counts.doubtful,
            lastError: error)
    }

    private static func phase(_ status: MailboxStatus, now: Timestamp) -> MailboxFigures.Phase {
        if status.isPaused { return .paused }
        guard let cutover = status.cutoverAt, cutover <= now else { return .holding }
        return status.counts.held > 0 ? .replaying : .live
    }

    private static func wave(_ status: WaveStatus) -> WaveFigures {
        WaveFigures(
            name: status.name, isClosed: status.closedAt != nil, mailboxes: status.mailboxes, cutOver: status.cutOver,
            held: status.counts.held, delivered: status.counts.delivered, verified: status.counts.verified,
            failed: status.counts.failed)
    }
}
