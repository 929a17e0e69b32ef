/// The table of mailboxes, problems first.
struct MailboxTableView: Sendable {
    struct Row: Sendable {
        let address: String
        let target: String
        let wave: String
        let state: String
        let phase: String
        let held: String
        let delivered: String
        let verified: String
        let failed: String
        let error: String
        let tone: String

        init(_ mailbox: MailboxFigures) {
            address = mailbox.address
            target = mailbox.target
            wave = mailbox.wave
            state = mailbox.state
            phase = mailbox.phase.rawValue
            held = FigureText.number(mailbox.held)
            delivered = FigureText.number(mailbox.delivered)
            verified = FigureText.number(mailbox.verified)
            failed = FigureText.number(mailbox.failed)
            error = mailbox.lastError ?? ""
            tone = mailbox.hasProblem ? "problem" : mailbox.doubtful > 0 ? "doubt" : "calm"
        }
    }

    /// `1,204 mailboxes: 3 with a problem, 12 replaying, 700 live, …`
    let summary: String
    let rows: [Row]
    /// Empty, or how many are not listed.
    let more: String

    init(_ mailboxes: [MailboxFigures]) {
        rows = mailboxes.sorted(by: MailboxFigures.isBefore).prefix(ConsoleLimits.mailboxRows).map(Row.init)
        let left = max(0, mailboxes.count - ConsoleLimits.mailboxRows)
        more = left > 0 ? "and \(FigureText.number(left)) more: “layover roster list” has them all" : ""
        var parts: [String] = []
        let troubled = mailboxes.count(where: \.hasProblem)
        if troubled > 0 { parts.append("\(FigureText.number(troubled)) with a problem") }
        for phase in [MailboxFigures.Phase.replaying, .paused, .holding, .old, .live] {
            let count = mailboxes.count { $0.phase == phase }
            if count > 0 { parts.append("\(FigureText.number(count)) \(phase.rawValue)") }
        }
        summary =
            mailboxes.isEmpty
            ? "The roster is empty: “layover roster import” fills it. Mail is held meanwhile."
            : parts.joined(separator: ", ")
    }
}
