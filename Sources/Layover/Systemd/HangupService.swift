import Logging
import ServiceLifecycle
import UnixSignals

/// What SIGHUP does: reads again what can be read again while the service runs. It never ends the process.
struct HangupService: Service {
    let reload: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) { await self.reload() }
        }
    }
}
