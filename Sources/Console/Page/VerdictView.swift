/// The line on top of the page and the reasons below it, in words.
struct VerdictView: Sendable {
    let isHealthy: Bool
    let title: String
    let detail: String
    /// What needs a person, beyond the one that the line names.
    let reasons: [String]
    let notices: [String]
    /// Empty, or how many reasons are not listed.
    let more: String

    init(_ health: ConsoleHealth, _ status: ConsoleStatus?) {
        isHealthy = health.isHealthy
        let all = health.obstacles + health.problems
        title =
            health.isReady
            ? (health.isHealthy ? "All is well." : "Mail is taken, but a person is needed.") : "Mail is not taken."
        detail = all.first ?? Self.calm(status)
        let others = all.dropFirst()
        reasons = Array(others.prefix(ConsoleLimits.reasons))
        notices = Array(health.notices.prefix(ConsoleLimits.reasons))
        let left = max(0, others.count - ConsoleLimits.reasons)
        more = left > 0 ? "and \(FigureText.number(left)) more" : ""
    }

    private static func calm(_ status: ConsoleStatus?) -> String {
        guard let accepted = status?.ledger.figures?.deliveries.accepted, accepted > 0 else {
            return "Mail is taken, and nothing needs a person."
        }
        return "Mail is taken, and all \(FigureText.number(accepted)) deliveries are accounted for."
    }
}
