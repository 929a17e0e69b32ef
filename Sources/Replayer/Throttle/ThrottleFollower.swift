import Ledger
import Logging
import Spool

/// Brings a running replay to what a person has ordered since, within a moment.
struct ThrottleFollower {
    let logger: Logger
    private var known: [Throttle] = []
    private var lastLook: ContinuousClock.Instant?

    init(logger: Logger) { self.logger = logger }

    mutating func follow(_ environment: ReplayEnvironment) async throws {
        let now = ContinuousClock.now
        guard lastLook.map({ now - $0 >= .milliseconds(100) }) ?? true else { return }
        lastLook = now
        let ledger = environment.ledger
        let standing = try await environment.blocking { try ledger.throttles() }.map(\.throttle)
        guard standing != known else { return }
        let lifted = known.map(\.target).filter { target in !standing.contains { $0.target == target } }
        for throttle in standing.filter({ !known.contains($0) }) + lifted.map({ Throttle(target: $0) }) {
            environment.ceilings.order(throttle.connections, for: throttle.target)
            environment.pace.order(throttle)
            logger.notice("throttle", metadata: ["target": "\(throttle.target)", "to": "\(throttle.words)"])
        }
        known = standing
    }
}
