import MailModel
import Spool

/// What a status means: is mail taken, and must a person act.
struct ConsoleHealth: Hashable, Sendable {
    /// Why no mail is taken; empty while it is. What `/readyz` is about.
    var obstacles: [String] = []
    /// What needs a person although mail is taken.
    var problems: [String] = []
    /// Worth knowing; needs no act.
    var notices: [String] = []

    var isReady: Bool { obstacles.isEmpty }
    var isHealthy: Bool { obstacles.isEmpty && problems.isEmpty }

    /// The status could not be had.
    init(failure: any Error) {
        obstacles = ["The status cannot be read: \(failure)"]
    }

    init(_ status: ConsoleStatus) {
        judge(receiver: status.receiver)
        judge(disk: status.disk)
        judge(ledger: status.ledger, receiverIsHere: status.receiver != nil)
        if let replay = status.replay { judge(replay: replay) }
        notices += status.notices
    }

    private mutating func judge(receiver: ReceiverFigures?) {
        guard let receiver else { return }
        if let failure = receiver.spoolFailure {
            obstacles.append("The spool takes no mail: \(failure)")
        } else if !receiver.isRunning {
            obstacles.append("The receiver is not running.")
        }
    }

    private mutating func judge(disk: DiskFigures) {
        if !disk.hasBytes {
            obstacles.append(
                "The disk has \(ByteCount(disk.freeBytes)) free, less than the floor of \(ByteCount(disk.floorBytes)): mail is deferred."
            )
        }
        if disk.hasBytes, let left = disk.secondsLeft, left < ConsoleLimits.shortSeconds {
            problems.append("The disk runs short: \(disk.outlook).")
        }
        if case .released = disk.reserve {
            problems.append("The reserve is released: make room, then run “layover reserve restore”.")
        }
        if !disk.hasInodes {
            obstacles.append(
                "The disk has \(disk.freeInodes) inodes free, less than the floor of \(disk.floorInodes): mail is deferred."
            )
        }
    }

    private mutating func judge(ledger: LedgerReading, receiverIsHere: Bool) {
        switch ledger {
        case .unreadable(let reason):
            // Mail is taken without the Ledger; a console that runs apart has nothing else to know it by.
            let text = "The Ledger cannot be read: \(reason)"
            if receiverIsHere { problems.append(text) } else { obstacles.append(text) }
        case .readable(let figures):
            judge(ledger: figures)
        }
    }

    private mutating func judge(ledger: LedgerFigures) {
        let deliveries = ledger.deliveries
        if let accepted = deliveries.accepted, deliveries.isBalanced == false {
            problems.append(
                "The books do not balance: \(accepted) accepted, \(deliveries.accountedFor) accounted for. Run “layover prove”."
            )
        }
        if ledger.damagedPlaces > 0 {
            problems.append("The spool is damaged in \(Self.count(ledger.damagedPlaces, "place")). Run “layover fsck”.")
        }
        if deliveries.failed > 0 {
            problems.append(
                "\(Self.count(deliveries.failed, "delivery has", "deliveries have")) failed: see “layover audit --state failed”."
            )
        }
        let troubled = ledger.mailboxes.count { $0.lastError != nil }
        if troubled > 0 { problems.append("\(Self.count(troubled, "mailbox reports", "mailboxes report")) an error.") }
        if ledger.lagSeconds > ConsoleLimits.ledgerLagSeconds {
            problems.append("The Ledger is \(ledger.lagSeconds) seconds behind the spool: the figures are old.")
        }
        if deliveries.doubtful > 0 {
            notices.append(
                "\(Self.count(deliveries.doubtful, "delivery is", "deliveries are")) doubtful: see “layover audit --state doubtful”."
            )
        }
        if ledger.heldWithoutMailbox > 0 {
            notices.append(
                "\(Self.count(ledger.heldWithoutMailbox, "held delivery has", "held deliveries have")) no mailbox in the roster."
            )
        }
    }

    private mutating func judge(replay: ReplayFigures) {
        for target in replay.targets {
            if let error = target.lastError { problems.append("Target \(target.name): \(error)") }
        }
    }

    private static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(FigureText.number(number)) \(number == 1 ? one : many ?? one + "s")"
    }
}
