import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Where log lines go: standard error, written by a queue of its own, so that a slow log holds nobody up.
///
/// Lines wait in memory up to `limit`; beyond it they are counted and dropped, since taking mail matters more than telling of it.
final class LogSink: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var dropped = 0
    }

    private static let limit = 8 << 20
    /// A line waits so long for others: a wake-up and a system call for each would cost more than the line.
    private static let pauseMicroseconds: UInt32 = 10_000

    private let state = Mutex(State())
    private let droppedTotal = Atomic<Int>(0)
    private let queue = DispatchQueue(label: "layover.log")

    static let standardError = LogSink()

    func append(_ line: [UInt8]) {
        let isFirst = state.withLock { state in
            guard state.waiting.count + line.count <= Self.limit else {
                state.dropped += 1
                droppedTotal.add(1, ordering: .relaxed)
                return false
            }
            let isFirst = state.waiting.isEmpty
            state.waiting += line
            return isFirst
        }
        guard isFirst else { return }
        // The queue's own thread waits, for a time that no clock can change.
        queue.async {
            usleep(Self.pauseMicroseconds)
            self.writeWaiting()
        }
    }

    /// Lines that were lost since the start.
    var droppedLines: Int { droppedTotal.load(ordering: .relaxed) }

    /// Returns when everything appended before is written, or after `limit`: a reader that hangs must not hold the end of the
    /// process up.
    func flush(within limit: DispatchTimeInterval = .seconds(2)) {
        let done = DispatchSemaphore(value: 0)
        queue.async {
            self.writeWaiting()
            done.signal()
        }
        _ = done.wait(timeout: .now() + limit)
    }

    private func writeWaiting() {
        let (bytes, dropped) = state.withLock { state in
            defer { state = State() }
            return (state.waiting, state.dropped)
        }
        if !bytes.isEmpty { StandardError.write(String(decoding: bytes, as: UTF8.self)) }
        if dropped > 0 { StandardError.write("warning \(dropped) log lines dropped: the log could not keep up\n") }
    }
}
