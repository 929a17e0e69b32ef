import Synchronization

/// Keeps a replay of a thousand mailboxes from trying a thousand logins that cannot succeed.
///
/// One mailbox with a wrong password is that mailbox's affair. When many logins in a row are refused at one target, for no reason that
/// is an account's own, it is the master password: further attempts could lock the account that all of them use, so for a while
/// nobody is let through. The same where nobody listens.
final class LoginGuard: Sendable {
    private struct Target {
        var failures = 0
        var lastError: ReplayError?
        var closedUntil: ContinuousClock.Instant?
        /// A login has succeeded: what is refused later is less likely to be the password of all.
        var isProven = false
    }

    /// Logins in a row, of different mailboxes or one, after whose refusal a target is left alone: servers lock an account after some
    /// ten, and as many as there are connections may be under way meanwhile.
    private static let refusalsInARow = 5
    private static let refusalsInARowOnceProven = 20
    private static let lostInARow = 10
    /// How long the others wait for the one that tries whether a target is well again.
    private static let probe = Duration.seconds(5)

    private let targets = Mutex<[String: Target]>([:])

    /// Throws the error of the last attempt, with no attempt made, while the target is left alone.
    func check(_ target: String) throws(ReplayError) {
        let found = targets.withLock { targets -> (error: ReplayError, failures: Int)? in
            guard let state = targets[target], let until = state.closedUntil, let error = state.lastError else {
                return nil
            }
            guard ContinuousClock.now >= until else { return (error, state.failures) }
            // The pause is over: this one tries for all, and the others wait for what comes of it.
            targets[target]?.closedUntil = .now + Self.probe
            return nil
        }
        guard let (error, failures) = found else { return }
        throw ReplayError(
            error.code == .credentials ? .notTried : error.code,
            "not tried, as \(failures) logins in a row have failed at \(target): \(error)", isOutage: error.isOutage)
    }

    func succeeded(_ target: String) {
        targets.withLock { targets in
            // Asked for with each connection: nothing is written where nothing has changed.
            if let state = targets[target], state.isProven, state.failures == 0 { return }
            targets[target] = Target(isProven: true)
        }
    }

    /// A login has succeeded there since this process began.
    func isProven(_ target: String) -> Bool { targets.withLock { $0[target]?.isProven ?? false } }

    /// It may be well again: whoever comes next tries.
    func reopen(_ target: String) {
        targets.withLock { targets in
            guard let state = targets[target] else { return }
            targets[target] = Target(isProven: state.isProven)
        }
    }

    /// A person wants it tried again.
    func forget(_ target: String) { targets.withLock { _ = $0.removeValue(forKey: target) } }

    func failed(_ target: String, _ error: ReplayError) {
        targets.withLock { targets in
            var state = targets[target] ?? Target()
            state.failures += 1
            state.lastError = error
            let isRefusal = error.code == .credentials
            let limit =
                !isRefusal ? Self.lostInARow : state.isProven ? Self.refusalsInARowOnceProven : Self.refusalsInARow
            if state.failures >= limit { state.closedUntil = .now + (isRefusal ? .seconds(900) : .seconds(5)) }
            targets[target] = state
        }
    }
}
