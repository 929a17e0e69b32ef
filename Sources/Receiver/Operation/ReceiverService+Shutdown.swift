import Logging
import ServiceLifecycle
import Spool

/// How the end of a receiver is waited for, and what is said of it.
extension ReceiverService {
    /// Does what is to be done meanwhile until a shutdown is asked for or the spool fails.
    func untilShutdown(
        failures: AsyncStream<SpoolError>, meanwhile: @escaping @Sendable () async -> Void
    ) async -> SpoolError? {
        await withTaskGroup(of: SpoolError?.self) { group in
            group.addTask {
                for await failure in failures { return failure }
                return nil
            }
            group.addTask {
                try? await gracefulShutdown()
                return nil
            }
            group.addTask {
                await meanwhile()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    /// Says that a shutdown was asked for, and, as long as it takes, what it waits for: a disk that hangs holds the writer up.
    func watchShutdown() -> Task<Void, Never> {
        Task { [logger, statistics, layout] in
            try? await gracefulShutdown()
            guard !Task.isCancelled else { return }
            logger.notice("shutting down", metadata: ["sessions": "\(statistics.snapshot.sessionsNow)"])
            while true {
                try? await Task.sleep(for: .seconds(Self.secondsBetweenWarnings))
                guard !Task.isCancelled else { return }
                logger.warning(
                    "still shutting down: waiting for sessions to end their message, or for the disk to answer",
                    metadata: ["sessions": "\(statistics.snapshot.sessionsNow)", "directory": "\(layout.directory)"])
            }
        }
    }

    private static let secondsBetweenWarnings = 5
}
