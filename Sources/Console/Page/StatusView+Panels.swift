import MailModel
import Spool

/// The groups of figures: receiving, disk, replay, Ledger.
extension StatusView {
    static func panels(_ status: ConsoleStatus) -> [Panel] {
        [
            Panel(title: "Receiving", figures: receiving(status.receiver)),
            Panel(title: "Disk", figures: disk(status.disk)),
            Panel(title: "Replay", figures: replay(status.replay)),
            Panel(title: "Ledger", figures: ledger(status.ledger)),
        ]
    }

    private static func receiving(_ receiver: ReceiverFigures?) -> [Figure] {
        guard let receiver else { return [Figure(name: "Receiver", value: "another process")] }
        let isTaking = receiver.isRunning && receiver.spoolFailure == nil
        return [
            Figure(
                name: "Receiver",
                value: receiver.spoolFailure != nil ? "spool failed" : receiver.isRunning ? "running" : "not running",
                tone: isTaking ? "calm" : "problem"),
            Figure(
                name: "Sessions",
                value:
                    "\(FigureText.number(receiver.sessionsNow)) now, \(FigureText.number(receiver.sessionsTotal)) since the start"
            ),
            Figure(
                name: "Accepted",
                value: "\(FigureText.number(receiver.messagesAccepted)) messages, \(ByteCount(receiver.bytesAccepted))"),
            Figure(
                name: "Refused",
                value:
                    "\(FigureText.number(receiver.messagesRefused)) messages, \(FigureText.number(receiver.recipientsRefused)) recipients, "
                    + "\(FigureText.number(receiver.sessionsRefused)) sessions"),
        ]
    }

    private static func disk(_ disk: DiskFigures) -> [Figure] {
        var figures = [
            Figure(
                name: "Free",
                value:
                    "\(ByteCount(disk.freeBytes)) of \(ByteCount(disk.totalBytes)), \(FigureText.percent(disk.freeBytes, of: disk.totalBytes)) %",
                tone: disk.hasBytes ? "calm" : "problem"),
            Figure(name: "Floor", value: "\(ByteCount(disk.floorBytes))"),
        ]
        if disk.growth != nil {
            let isShort = disk.secondsLeft.map { $0 < ConsoleLimits.shortSeconds } ?? false
            figures.append(Figure(name: "Lasts", value: disk.outlook, tone: isShort ? "problem" : "calm"))
        }
        switch disk.reserve {
        case .absent: break
        case .held(let size): figures.append(Figure(name: "Reserve", value: "\(size)"))
        case .released: figures.append(Figure(name: "Reserve", value: "released", tone: "problem"))
        }
        if disk.totalInodes > 0 {
            figures.append(
                Figure(
                    name: "Inodes free",
                    value: "\(FigureText.number(disk.freeInodes)) of \(FigureText.number(disk.totalInodes))",
                    tone: disk.hasInodes ? "calm" : "problem"))
        }
        return figures
    }

    private static func replay(_ replay: ReplayFigures?) -> [Figure] {
        guard let replay else { return [Figure(name: "Replay", value: "not in this process")] }
        let rate = replay.targets.reduce(0) { $0 + $1.messagesPerSecond }
        let connections = replay.targets.reduce(0) { $0 &+ $1.connectionsInUse }
        return [
            Figure(name: "Replay", value: replay.isFollowing ? "following" : "not following"),
            Figure(name: "Rate", value: "\(FigureText.rate(rate)) messages a second"),
            Figure(name: "Connections", value: FigureText.number(connections)),
        ]
    }

    private static func ledger(_ ledger: LedgerReading) -> [Figure] {
        switch ledger {
        case .unreadable:
            return [Figure(name: "Ledger", value: "cannot be read", tone: "problem")]
        case .readable(let figures):
            let isLate = figures.lagSeconds > ConsoleLimits.ledgerLagSeconds
            return [
                Figure(
                    name: "Read",
                    value: figures.lagSeconds == 0 ? "up to date" : "\(FigureText.number(figures.lagSeconds)) s behind",
                    tone: isLate ? "problem" : "calm"),
                Figure(name: "Holds", value: "\(FigureText.number(figures.deliveries.accountedFor)) deliveries"),
                Figure(name: "No mailbox", value: "\(FigureText.number(figures.heldWithoutMailbox)) held"),
            ]
        }
    }
}
