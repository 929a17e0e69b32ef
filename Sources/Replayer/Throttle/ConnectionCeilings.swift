import Logging
import MailModel
import Synchronization

/// How many mailboxes of each target are worked on at once: never more than the configuration says, nor than a person allows, and
/// fewer while the target is in trouble.
///
/// Trouble (a lost connection, BYE, no answer in time, NO with UNAVAILABLE, INUSE or LIMIT) halves the number; each `recovery` without
/// any, in which the target has taken mail, gives one back. Several connections lost within a second are one trouble.
final class ConnectionCeilings: Sendable {
    private struct Target {
        let configured: Int
        let recovery: Duration
        var ordered: Int?
        /// What trouble has left; nil when it is over.
        var reduced: Int?
        /// Since when it is reduced, and by what it was last.
        var reducedSince = Timestamp(milliseconds: 0)
        var words = ""
        /// Mailboxes being worked on, and those of them that were asked to make room.
        var active = 0
        var yielding: Set<String> = []
        /// When `reduced` was halved last, and since when the target has been well, or was given one more.
        var halvedAt = ContinuousClock.now
        var quietSince = ContinuousClock.now

        var allowed: Int { max(1, min(configured, ordered ?? configured)) }
        var ceiling: Int { min(allowed, reduced ?? allowed) }
    }

    private let logger: Logger
    private let targets: Mutex<[String: Target]>

    init(targets: [String: ReplayTarget], logger: Logger) {
        self.logger = logger
        self.targets = Mutex(targets.mapValues { Target(configured: $0.connections, recovery: $0.recovery) })
    }

    var active: [String: Int] { targets.withLock { $0.mapValues(\.active).filter { $0.value > 0 } } }
    var ceilings: [String: Int] { targets.withLock { $0.mapValues(\.ceiling) } }

    /// Targets that trouble leaves fewer connections than they may have, by name.
    var lowered: [LoweredConnections] {
        let all = targets.withLock { targets in
            targets.filter { $0.value.ceiling < $0.value.allowed }.map { name, state in
                LoweredConnections(
                    target: name, connections: state.ceiling, allowed: state.allowed, since: state.reducedSince,
                    words: state.words)
            }
        }
        return all.sorted { $0.target < $1.target }
    }

    /// Takes a place at a target; false when there is none. A target that is not known has one, for its error to be told.
    func begin(_ target: String) -> Bool {
        targets.withLock { targets in
            var state = targets[target] ?? Target(configured: 1, recovery: .zero)
            guard state.active < state.ceiling else { return false }
            state.active += 1
            targets[target] = state
            return true
        }
    }

    func end(_ target: String, mailboxID: String) {
        targets.withLock { targets in
            targets[target]?.active -= 1
            targets[target]?.yielding.remove(mailboxID)
        }
    }

    /// Whether this mailbox has to leave its place: more are taken than there are by now.
    func mustYield(_ target: String, mailboxID: String) -> Bool {
        targets.withLock { targets in
            guard var state = targets[target] else { return false }
            if state.yielding.contains(mailboxID) { return true }
            guard state.active - state.yielding.count > state.ceiling else { return false }
            state.yielding.insert(mailboxID)
            targets[target] = state
            return true
        }
    }

    /// A person's word; nil: as configured.
    func order(_ connections: Int?, for target: String) {
        targets.withLock { $0[target]?.ordered = connections }
    }

    func trouble(_ target: String, _ words: String) {
        let change = targets.withLock { targets -> (from: Int, to: Int)? in
            guard var state = targets[target] else { return nil }
            let (now, before) = (ContinuousClock.now, state.ceiling)
            defer { targets[target] = state }
            state.quietSince = now
            // What broke at the same moment is one trouble.
            guard state.reduced == nil || now - state.halvedAt >= min(.seconds(1), state.recovery) else { return nil }
            state.halvedAt = now
            if state.reduced == nil { state.reducedSince = Timestamp.now() }
            state.words = words
            state.reduced = max(1, before / 2)
            return before == state.ceiling ? nil : (before, state.ceiling)
        }
        guard let change else { return }
        logger.warning(
            "target in trouble: fewer connections",
            metadata: [
                "target": "\(target)", "from": "\(change.from)", "to": "\(change.to)", "why": "\(words)",
            ])
    }

    /// The target has taken mail.
    func worked(_ target: String) {
        let change = targets.withLock { targets -> (to: Int, isOver: Bool)? in
            guard var state = targets[target], let reduced = state.reduced else { return nil }
            let now = ContinuousClock.now
            guard now - state.quietSince >= state.recovery else { return nil }
            state.quietSince = now
            state.reduced = reduced + 1 >= state.allowed ? nil : reduced + 1
            targets[target] = state
            return (state.ceiling, state.reduced == nil)
        }
        guard let change else { return }
        logger.notice(
            change.isOver ? "target is well again: all connections" : "target recovers: one connection more",
            metadata: ["target": "\(target)", "to": "\(change.to)"])
    }
}
