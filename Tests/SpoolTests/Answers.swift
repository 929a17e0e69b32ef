import Spool
import Synchronization

/// The answers to a number of submits, collected from whatever thread they come.
final class Answers: Sendable {
    private struct State {
        var answers: [SpoolError??]
        var missing: Int
        var waiter: CheckedContinuation<Void, Never>?
        var surplus = 0
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(answers: Array(repeating: .none, count: count), missing: count)) }

    func set(_ index: Int, _ error: SpoolError?) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if case .some = state.answers[index] {
                state.surplus += 1
                return nil
            }
            state.answers[index] = .some(error)
            state.missing -= 1
            return state.missing == 0 ? state.waiter : nil
        }
        waiter?.resume()
    }

    /// Waits until every answer is there.
    func all() async -> [SpoolError?] {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.missing > 0 { state.waiter = continuation }
                return state.missing == 0
            }
            if isDone { continuation.resume() }
        }
        return state.withLock { state in state.answers.map { $0 ?? nil } }
    }

    /// Answers that came for a submit that had one already.
    var surplus: Int { state.withLock { $0.surplus } }
}
