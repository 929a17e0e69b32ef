import Console
import Ledger
import Logging
import MailModel
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
/// 3. ``ReclaimService``: beside it, gives the disk back once a day.
/// 4. ``ConsoleService``: what the others do, for people and monitors.
///
/// `serve` runs all of them in one process, `receive`, `replay --follow` and `console` one each. A service that fails ends the
/// process with a status that is not 0; SIGTERM and SIGINT end it in order.
enum LayoverServices {
    static func receiver(_ configuration: LayoverConfiguration, logger: Logger) throws -> ReceiverService {
        ReceiverService(
            configuration: try configuration.receiverConfiguration(), layout: configuration.layout,
            tls: try configuration.receiverTLS(), group: MultiThreadedEventLoopGroup.singleton, logger: logger)
    }

    static func replay(_ configuration: LayoverConfiguration, logger: Logger) throws -> ReplayService {
        let layout = configuration.layout
        let targets = try configuration.replayTargets()
        try layout.create(POSIXFileSystem())
        let version = Ledger.sqliteVersion
        logger.notice("ledger", metadata: ["sqlite": "\(version)", "wal-reset-bug": "\(version.hasWALResetBug)"])
        let ledger = try Ledger.open(layout: layout, role: .writer, domainAliases: configuration.domainAliases.domains)
        let engine = ReplayEngine(
            ledger: ledger, journal: try Journal(layout: layout, by: "replay"), targets: targets,
            group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        return ReplayService(engine: engine, logger: logger)
    }

    /// Nil where the configuration leaves it to a person.
    static func reclaim(_ configuration: LayoverConfiguration, beside replay: ReplayService, logger: Logger)
        -> ReclaimService?
    {
        guard configuration.spool.reclaim == .daily else { return nil }
        return ReclaimService(
            reclaimer: Reclaimer(engine: replay.engine), retention: configuration.spool.retention, logger: logger)
    }

    /// - Parameters:
    ///   - receiver: nil where it is another process.
    ///   - replay: nil where it is another process.
    static func console(
        _ configuration: LayoverConfiguration, receiver: ReceiverService? = nil, replay: ReplayService? = nil,
        logger: Logger
    ) throws -> ConsoleService {
        let listen = try configuration.requireConsole().listen
        let layout = configuration.layout
        let aliases = configuration.domainAliases.domains
        let ceilings = (try? configuration.targetSections().mapValues(\.connections)) ?? [:]
        let source = LedgerConsoleSource(
            identity: .init(hostname: configuration.hostname, version: LayoverVersion.text, startedAt: .now()),
            layout: layout,
            floor: configuration.spool.minFree.consoleFloor, receiver: { receiver.map(ReceiverFigures.init) },
            replay: { replay.map { ReplayFigures($0, ceilings: ceilings) } },
            ledger: { try Ledger.open(layout: layout, role: .reader, domainAliases: aliases) })
        return ConsoleService(
            configuration: try ConsoleConfiguration(host: listen.host, port: listen.port), source: source,
            logger: logger)
    }

    /// Runs services until they are told to end, and writes the log out.
    static func run(_ services: [any Service], logger: Logger) async throws {
        DescriptorLimit.raise()
        defer { LogSink.standardError.flush() }
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
    }
}
