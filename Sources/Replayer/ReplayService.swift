import Ledger
public import Logging
public import ServiceLifecycle
import Spool
import Synchronization

/// The follower: delivers the mail of cut-over mailboxes as it comes, behind what is still held. One per spool.
public final class ReplayService: Service {
    public let engine: ReplayEngine
    private let logger: Logger

    public init(engine: ReplayEngine, logger: Logger) {
        self.engine = engine
        self.logger = logger
    }

    public func run() async throws {
        let layout = engine.ledger.layout
        guard let lock = try SpoolLock.acquire(layout: layout, name: .follower, wait: false) else {
            throw SpoolError(
                code: .locked, message: "another replay follows the spool \(layout.directory) already; stop it first")
        }
        defer { lock.release() }
        logger.notice("replay follows", metadata: ["directory": "\(layout.directory)"])
        try await withGracefulShutdownHandler {
            try await engine.follow()
        } onGracefulShutdown: { [engine] in
            engine.stopSoon()
        }
        logger.notice("replay stopped", metadata: ["delivered": "\(engine.progress.now.delivered)"])
    }
}
