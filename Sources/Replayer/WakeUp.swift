import Synchronization

/// Lets the engine's loop sleep until there is something for it to do, or some time has passed.
final class WakeUp: Sendable {
    private struct State {
        var isWanted = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Ends a sleep, or the next one before it begins.
    func call() {
        let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state.sleeper = nil }
            if state.sleeper == nil { state.isWanted = true }
            return state.sleeper
        }
        sleeper?.resume()
    }

    /// Returns after `call`, after `time`, or when the task is cancelled. For one sleeper at a time.
    func sleep(atMost time: Duration) async {
        let timer = Task {
            guard (try? await Task.sleep(for: time)) != nil else { return }
            call()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWanted = state.withLock { state in
                    defer { state.isWanted = false }
                    if !state.isWanted { state.sleeper = continuation }
                    return state.isWanted
                }
                if isWanted { continuation.resume() }
            }
        } onCancel: {
            call()
        }
        timer.cancel()
    }
}
