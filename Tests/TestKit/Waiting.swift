import Foundation

/// Something that did not happen in time, or a stranger that did not behave.
public struct TestFailure: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Looks again and again until `condition` gives a value; throws with `what` when `limit` has passed.
public func eventually<Value>(
    _ what: @autoclosure () -> String, within limit: Duration, _ condition: () throws -> Value?
) throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try condition() { return value }
        guard ContinuousClock.now < deadline else { throw TestFailure("not within \(limit): \(what())") }
        usleep(5_000)
    }
}

/// Runs a test that waits for processes and sockets on a thread of its own, so that it blocks no other test.
///
/// It stays in the task of the test, so that what it finds wrong is told under the test's name.
public func onThreadOfItsOwn<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withTaskExecutorPreference(ThreadPerJobExecutor()) { try body() }
}

/// Gives each job a thread.
///
/// The thread blocks no signal: children inherit the mask, and one that inherits a blocked SIGTERM cannot be asked to end.
private final class ThreadPerJobExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let thread = Thread {
            var everything = sigset_t()
            sigfillset(&everything)
            pthread_sigmask(SIG_UNBLOCK, &everything, nil)
            job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
        thread.stackSize = 8 << 20
        thread.start()
    }
}
