import Ledger
import Logging
import NIOPosix
import Receiver
import Replayer
import ServiceLifecycle
import Spool
import UnixSignals

/// The services behind the verbs, in the order of a message's route:
///
/// 1. ``ReceiverService``: socket to spool.
/// 2. ``ReplayService``: spool to mailbox, by way of the Ledger.
///
/// `serve` runs all of them in one process, `receive`, `replay --follow` and `console` one each. A service that fails ends the
/// process with a status that is not 0; SIGTERM and SIGINT end it in order.
enum LayoverServices {
    static func receiver(_ configuration: LayoverConfiguration, logger: Logger) throws -> ReceiverService {
        ReceiverService(
            configuration: try configuration.receiverConfiguration(), layout: configuration.layout,
            tls: try configuration.receiverTLS(), group: MultiThreadedEventLoopGroup.singleton, logger: logger)
    }

    static func replay(
        _ configuration: LayoverConfiguration, logger: Logger
    ) throws -> (service: ReplayService, engine: ReplayEngine) {
        let layout = configuration.layout
        let targets = try configuration.replayTargets()
        try layout.create(POSIXFileSystem())
        let version = Ledger.sqliteVersion
        logger.notice("ledger", metadata: ["sqlite": "\(version)", "wal-reset-bug": "\(version.hasWALResetBug)"])
        let ledger = try Ledger.open(layout: layout, role: .writer, domainAliases: configuration.domainAliases.domains)
        let engine = ReplayEngine(
            ledger: ledger, journal: try Journal(layout: layout, by: "replay"), targets: targets,
            group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        return (ReplayService(engine: engine, logger: logger), engine)
    }

    /// Runs services until they are told to end, and writes the log out.
    static func run(_ services: [any Service], logger: Logger) async throws {
        defer { LogSink.standardError.flush() }
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
    }
}
