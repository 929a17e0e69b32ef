import Ledger
import Spool
import Synchronization

/// Keeps the mail that a target is given below the messages and octets a second that a person allows.
///
/// Each batch takes a stretch of time as long as its rate makes it; the next one of that target begins behind it.
final class DeliveryPace: Sendable {
    private struct Target {
        var messagesPerSecond: Int?
        var bytesPerSecond: Int?
        /// When what was given before has had its time.
        var free = ContinuousClock.now
    }

    private let targets = Mutex<[String: Target]>([:])

    func order(_ throttle: Throttle) {
        targets.withLock { targets in
            var state = targets[throttle.target] ?? Target()
            guard
                (state.messagesPerSecond, state.bytesPerSecond) != (throttle.messagesPerSecond, throttle.bytesPerSecond)
            else { return }
            (state.messagesPerSecond, state.bytesPerSecond) = (throttle.messagesPerSecond, throttle.bytesPerSecond)
            // What was reckoned by the old rate counts no more.
            state.free = .now
            targets[throttle.target] = state
        }
    }

    /// Takes the time of a batch; returns when it may begin. Nil: now.
    func take(_ target: String, messages: Int, bytes: Int) -> ContinuousClock.Instant? {
        targets.withLock { targets in
            guard var state = targets[target] else { return nil }
            let now = ContinuousClock.now
            let seconds = max(
                state.messagesPerSecond.map { Double(messages) / Double(max(1, $0)) } ?? 0,
                state.bytesPerSecond.map { Double(bytes) / Double(max(1, $0)) } ?? 0)
            guard seconds > 0 else { return nil }
            let start = max(now, state.free)
            state.free = start + .seconds(seconds)
            targets[target] = state
            return start > now ? start : nil
        }
    }

    /// Whether a batch that waits until `start` still has to: a new rate lets it go.
    func holds(_ target: String, until start: ContinuousClock.Instant) -> Bool {
        targets.withLock { ($0[target]?.free ?? .now) >= start } && ContinuousClock.now < start
    }
}
