import Synchronization

/// Keeps a replay of a thousand mailboxes from trying a thousand logins that cannot succeed.
///
/// One mailbox with a wrong password is that mailbox's affair. When many logins in a row are refused at one target, it is the master
/// password: further attempts could lock the account that all of them use, so for a while nobody is let through. The same where nobody
/// listens.
final class LoginGuard: Sendable {
    private struct Target {
        var failures = 0
        var lastError: ReplayError?
        var closedUntil: ContinuousClock.Instant?
    }

    /// Failures in a row, of different mailboxes or one, after which a target is left alone.
    private static let failuresInARow = 10

    private let targets = Mutex<[String: Target]>([:])

    /// Throws the error of the last attempt, with no attempt made, while the target is left alone.
    func check(_ target: String) throws(ReplayError) {
        let error = targets.withLock { targets -> ReplayError? in
            guard let state = targets[target], let until = state.closedUntil, ContinuousClock.now < until else {
                return nil
            }
            return state.lastError
        }
        if let error {
            throw ReplayError(
                error.code, "not tried, as \(Self.failuresInARow) logins in a row have failed at \(target): \(error)")
        }
    }

    func succeeded(_ target: String) { targets.withLock { _ = $0.removeValue(forKey: target) } }

    func failed(_ target: String, _ error: ReplayError) {
        targets.withLock { targets in
            var state = targets[target] ?? Target()
            state.failures += 1
            state.lastError = error
            // After the pause one attempt is let through; if it fails, the next pause begins.
            if state.failures >= Self.failuresInARow {
                state.closedUntil = .now + (error.code == .credentials ? .seconds(900) : .seconds(5))
            }
            targets[target] = state
        }
    }
}
