import MailModel

/// What the template shows, as text. Nil leaves a section out.
struct StatusView: Sendable {
    /// A name and its value.
    struct Figure: Sendable {
        let name: String
        let value: String
        var note = ""
        /// `calm`, `problem` or `doubt`: the words say it too, the colour only helps.
        var tone = "calm"
    }

    /// A group of figures with its heading.
    struct Panel: Sendable {
        let title: String
        let figures: [Figure]
    }

    let hostname: String
    let takenAt: String
    let isStill: Bool
    let refreshSeconds = ConsoleLimits.refreshSeconds
    let verdict: VerdictView
    let tiles: [Figure]
    let balance: String?
    let panels: [Panel]
    let targets: [TargetView]?
    let mailboxes: MailboxTableView?
    let waves: [WaveView]?
    let footer: String

    init(_ status: ConsoleStatus, isStill: Bool) {
        let figures = status.ledger.figures
        hostname = status.hostname
        takenAt = FigureText.moment(status.takenAt)
        self.isStill = isStill
        verdict = VerdictView(ConsoleHealth(status), status)
        tiles = figures.map { Self.tiles($0, now: status.takenAt) } ?? []
        balance = figures.map { Self.balance($0.deliveries) }
        panels = StatusView.panels(status)
        targets = (status.replay?.targets).flatMap { $0.isEmpty ? nil : $0.map(TargetView.init) }
        mailboxes = figures.map { MailboxTableView($0.mailboxes) }
        waves = figures.flatMap { $0.waves.isEmpty ? nil : $0.waves.prefix(ConsoleLimits.waveRows).map(WaveView.init) }
        footer =
            "Layover \(status.version) · running for \(FigureText.time(from: status.startedAt, to: status.takenAt))"
            + " since \(FigureText.moment(status.startedAt))"
    }

    init(failure: any Error, isStill: Bool) {
        hostname = ""
        takenAt = FigureText.moment(.now())
        self.isStill = isStill
        verdict = VerdictView(ConsoleHealth(failure: failure), nil)
        (tiles, balance, panels, targets, mailboxes, waves, footer) = ([], nil, [], nil, nil, nil, "Layover")
    }

    private static func tiles(_ ledger: LedgerFigures, now: Timestamp) -> [Figure] {
        let deliveries = ledger.deliveries
        let oldest = ledger.oldestHeldAt.map { ", the oldest for \(FigureText.time(from: $0, to: now))" } ?? ""
        let unverified = deliveries.delivered - deliveries.verified
        var tiles = [
            Figure(
                name: "Held", value: FigureText.number(deliveries.held),
                note: deliveries.held > 0 ? "\(ByteCount(ledger.heldBytes))\(oldest)" : "nothing waits"),
            Figure(
                name: "Delivered", value: FigureText.number(deliveries.delivered),
                note: unverified > 0 ? "\(FigureText.number(unverified)) not compared yet" : "all compared"),
            Figure(name: "Verified", value: FigureText.number(deliveries.verified), note: "read back, same digest"),
            Figure(
                name: "Failed", value: FigureText.number(deliveries.failed),
                note: deliveries.failed > 0 ? "refused for good" : "none refused",
                tone: deliveries.failed > 0 ? "problem" : "calm"),
            Figure(
                name: "Doubtful", value: FigureText.number(deliveries.doubtful),
                note: deliveries.doubtful > 0 ? "may be there twice" : "no doubts",
                tone: deliveries.doubtful > 0 ? "doubt" : "calm"),
        ]
        if deliveries.dropped > 0 {
            tiles.append(
                Figure(name: "Dropped", value: FigureText.number(deliveries.dropped), note: "given up by a person"))
        }
        return tiles
    }

    private static func balance(_ deliveries: DeliveryFigures) -> String {
        let parts = [
            ("delivered", deliveries.delivered), ("merged", deliveries.merged), ("passed", deliveries.passed),
            ("handed off", deliveries.handedOff), ("held", deliveries.held), ("failed", deliveries.failed),
            ("dropped", deliveries.dropped),
        ]
        let left = deliveries.accepted.map {
            "\(FigureText.number($0)) accepted \(deliveries.isBalanced == true ? "=" : "≠") "
        }
        return (left ?? "\(FigureText.number(deliveries.accountedFor)) deliveries = ")
            + parts.map { "\(FigureText.number($0.1)) \($0.0)" }.joined(separator: " + ")
    }
}
