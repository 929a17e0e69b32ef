import Console
import Ledger
import Logging
import MailModel
import NIOCore
import NIOPosix
import Receiver
import Replayer
import ServiceLifecycle
import Spool
import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

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
        var receiver = try configuration.receiverConfiguration()
        let handedOver = ListenDescriptors.take()
        receiver.inheritedSockets = handedOver.sockets
        for name in handedOver.unknownNames {
            logger.warning("a descriptor was handed over that nobody asked for", metadata: ["name": "\(name)"])
        }
        fitSessions(&receiver.limits.sessions, logger)
        let notifier = ServiceNotifier.fromEnvironment
        let patience = receiver.limits.lockWait
        return ReceiverService(
            configuration: receiver, layout: configuration.layout, spoolLimits: configuration.spoolLimits,
            tls: try configuration.receiverTLS(), group: MultiThreadedEventLoopGroup.singleton, logger: logger
        ) { phase in
            switch phase {
            case .recovering: notifier.status("opening the spool", extending: .seconds(120))
            case .waitingForLock:
                notifier.status(
                    "waiting for another receiver to give the spool up", extending: .nanoseconds(patience.nanoseconds))
            case .takingMail: notifier.ready("taking mail")
            case .draining: notifier.stopping("letting messages in work end")
            }
        }
    }

    /// A session that finds no descriptor would be left waiting in the backlog; one too many is told 421, and its mail comes later.
    private static func fitSessions(_ sessions: inout Int, _ logger: Logger) {
        guard let descriptors = DescriptorLimit.raise() else { return }
        let wanted = sessions
        sessions = DescriptorLimit.sessions(wanted, within: descriptors)
        guard sessions < wanted else { return }
        logger.warning(
            "fewer sessions than receive.max_sessions: too few files may be open",
            metadata: [
                "max_sessions": "\(wanted)", "sessions": "\(sessions)", "open-files": "\(descriptors)",
                "remedy":
                    "raise the limit of open files (LimitNOFILE= of the unit, ulimit -Hn) to \(wanted + DescriptorLimit.reserve), or lower receive.max_sessions",
            ])
    }

    static func replay(_ configuration: LayoverConfiguration, logger: Logger) throws -> ReplayService {
        let layout = configuration.layout
        let targets = try configuration.replayTargets()
        try layout.create(POSIXFileSystem())
        let version = Ledger.sqliteVersion
        logger.notice("ledger", metadata: ["sqlite": "\(version)", "wal-reset-bug": "\(version.hasWALResetBug)"])
        try RestoredSpool.notice(configuration, by: "replay")
        let ledger = try Ledger.open(
            layout: layout, role: .writer, rules: configuration.addressRules,
            notice: { logger.notice("ledger", metadata: ["event": "\($0)"]) })
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

    /// What a follower tells of itself in the log.
    static func progress(of replay: ReplayService, logger: Logger) -> ProgressLog {
        ProgressLog(engine: replay.engine, ledger: replay.engine.ledger, logger: logger)
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
        let rules = configuration.addressRules
        let source = LedgerConsoleSource(
            identity: .init(hostname: configuration.hostname, version: LayoverVersion.text, startedAt: .now()),
            layout: layout,
            floor: configuration.spool.minFree.consoleFloor, receiver: { receiver.map(ReceiverFigures.init) },
            replay: { replay.map(ReplayFigures.init) },
            ledger: { try Ledger.open(layout: layout, role: .reader, rules: rules) })
        return ConsoleService(
            configuration: try ConsoleConfiguration(host: listen.host, port: listen.port), source: source,
            logger: logger, isPatient: receiver != nil)
    }

    /// Runs services until they are told to end, and writes the log out.
    ///
    /// - Parameter receiver: the one among them, if any: it says itself when it is ready, and SIGHUP is for it.
    static func run(_ services: [any Service], receiver: ReceiverService? = nil, logger: Logger) async throws {
        DescriptorLimit.raise()
        // Its default would end the process before HangupService runs.
        signal(SIGHUP, SIG_IGN)
        defer { LogSink.standardError.flush() }
        let notifier = ServiceNotifier.fromEnvironment
        if receiver == nil { notifier.ready("running") }
        let services = supervision(receiver, notifier, logger) + services
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
        if receiver == nil { notifier.stopping("ended") }
    }

    /// What stands before the services themselves, so that it ends last.
    private static func supervision(
        _ receiver: ReceiverService?, _ notifier: ServiceNotifier, _ logger: Logger
    ) -> [any Service] {
        let hangup = HangupService {
            if let receiver { return await receiver.reload() }
            logger.notice("SIGHUP: this service has nothing to read again; a restart reads the configuration")
        }
        guard let interval = WatchdogService.intervalFromEnvironment() else { return [hangup] }
        let watchdog = WatchdogService(
            interval: interval, group: MultiThreadedEventLoopGroup.singleton, notifier: notifier, logger: logger
        ) { receiver?.commitStall ?? .zero }
        return [watchdog, hangup]
    }
}
