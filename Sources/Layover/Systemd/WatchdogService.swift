import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Pings systemd's watchdog while the process really makes progress: every event loop turns, and the writer is not stuck at a commit.
/// Without pings for `WatchdogSec=` systemd ends the process and starts it anew; nothing that was acknowledged is lost by it.
///
/// First in the list of services, so that it is told to end last: a drain is supervised too.
struct WatchdogService: Service {
    /// How often systemd wants a ping at the least.
    let interval: Duration
    let group: any EventLoopGroup
    let notifier: ServiceNotifier
    let logger: Logger
    /// For how long the writer has been at one commit.
    let stall: @Sendable () -> Duration

    /// The watchdog's time from `WATCHDOG_USEC`; nil where no watchdog is set for this process.
    static func interval(microseconds: String?, processID: String?, ownID: pid_t) -> Duration? {
        guard let microseconds, let number = Int64(microseconds), number > 0 else { return nil }
        if let processID, pid_t(processID) != ownID { return nil }
        return .microseconds(number)
    }

    static func intervalFromEnvironment() -> Duration? {
        let text = { (name: String) in getenv(name).map { String(cString: $0) } }
        return interval(microseconds: text("WATCHDOG_USEC"), processID: text("WATCHDOG_PID"), ownID: getpid())
    }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.look()
                try await Task.sleep(for: self.interval / 4)
            }
        }
    }

    /// One look, and a ping if all is well.
    func look() async {
        guard stall() < interval / 2 else {
            return logger.error("no watchdog ping: the disk has not answered a commit", metadata: ["for": "\(stall())"])
        }
        guard await loopsTurn(within: interval / 4) else {
            return logger.error("no watchdog ping: an event loop does not turn")
        }
        notifier.watchdog()
    }

    /// Whether every event loop carries out a task in time.
    private func loopsTurn(within limit: Duration) async -> Bool {
        let turned = TurnedLoops()
        var count = 0
        for loop in group.makeIterator() {
            count += 1
            loop.execute { turned.add() }
        }
        let deadline = ContinuousClock.now + limit
        while turned.count < count {
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return true
    }

    private final class TurnedLoops: Sendable {
        private let value = Atomic<Int>(0)
        var count: Int { value.load(ordering: .acquiring) }
        func add() { value.add(1, ordering: .releasing) }
    }
}
