import Foundation

/// Something that did not happen in time, or a stranger that did not behave.
public struct TestFailure: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Looks again and again until `condition` gives a value; throws with `what` when `limit` has passed.
public func eventually<Value>(_ what: @autoclosure () -> String, within limit: Duration, _ condition: () throws -> Value?) throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try condition() { return value }
        guard ContinuousClock.now < deadline else { throw TestFailure("not within \(limit): \(what())") }
        usleep(5_000)
    }
}

/// Runs a test that waits for processes and sockets on a thread of its own, so that it blocks no other test.
///
/// The thread blocks no signal either: children inherit the mask, and one that inherits a blocked SIGTERM cannot be asked to end.
public func onThreadOfItsOwn<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread {
            var everything = sigset_t()
            sigfillset(&everything)
            pthread_sigmask(SIG_UNBLOCK, &everything, nil)
            continuation.resume(with: Result { try body() })
        }
        thread.stackSize = 8 << 20
        thread.start()
    }
}
