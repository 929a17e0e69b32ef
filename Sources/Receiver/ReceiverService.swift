public import Logging
import MailModel
public import NIOCore
import NIOPosix
import SMTPProtocol
public import ServiceLifecycle
public import Spool
import Synchronization
public import SystemTLS

/// The MX: socket to spool.
///
/// `run` takes the receiver's lock, recovers the spool, listens, and serves until it is told to shut down; then no new session
/// is taken, a message whose DATA has begun may end, the writer writes what it has, and the segment is sealed. It throws
/// where the spool cannot be used, at the start or later: the process must then exit non-zero and be started again.
public final class ReceiverService: Service {
    public let statistics = ReceiverStatistics()
    private let configuration: ReceiverConfiguration
    private let layout: SpoolLayout
    private let spoolLimits: SpoolLimits
    private let tls: TLSServerIdentity?
    private let group: any EventLoopGroup
    private let logger: Logger
    private let onListening: @Sendable ([SocketAddress]) -> Void
    private let listening = Atomic<Bool>(false)
    private let writerBox = Mutex<SegmentWriter?>(nil)

    /// - Parameter onListening: told once, with the addresses in the order of the configuration, when mail is taken.
    public init(
        configuration: ReceiverConfiguration, layout: SpoolLayout, spoolLimits: SpoolLimits = SpoolLimits(),
        tls: TLSServerIdentity? = nil, group: any EventLoopGroup, logger: Logger,
        onListening: @escaping @Sendable ([SocketAddress]) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.layout = layout
        self.spoolLimits = spoolLimits
        self.tls = tls
        self.group = group
        self.logger = logger
        self.onListening = onListening
    }

    /// Why no mail can be taken now; nil while all is well. Nil also before `run`.
    public var spoolFailure: SpoolError? { writerBox.withLock { $0?.failed } }

    /// Mail is being taken.
    public var isListening: Bool { listening.load(ordering: .relaxed) }

    public func run() async throws {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        defer { pool.shutdownGracefully { _ in } }
        let (failures, failureSource) = AsyncStream.makeStream(of: SpoolError.self)
        let writer = try await pool.runIfActive { [layout, spoolLimits] in
            try SegmentWriter(layout: layout, limits: spoolLimits) { failureSource.yield($0) }
        }
        writerBox.withLock { $0 = writer }
        report(writer.recovery)
        let watch = watchShutdown()
        defer { watch.cancel() }
        do {
            try await serve(writer: writer, pool: pool, failures: failures) { failureSource.yield($0) }
        } catch {
            try? await pool.runIfActive { writer.close() }
            throw error
        }
        try await pool.runIfActive { writer.close() }
        logger.notice("receiver stopped", metadata: ["messages": "\(statistics.snapshot.messagesAccepted)"])
    }

    private func serve(
        writer: SegmentWriter, pool: NIOThreadPool, failures: AsyncStream<SpoolError>,
        onDiskFailure: @escaping @Sendable (SpoolError) -> Void
    ) async throws {
        let known = KnownRecipients(layout: layout)
        let space = SpaceGuard(
            path: layout.directory, fileSystem: POSIXFileSystem(), floor: configuration.limits.minimumFree)
        await refresh(known, space, on: pool)
        let watch = SpaceWatch(layout: layout, space: space, reserve: configuration.limits.reserve, logger: logger)
        try? await pool.runIfActive { watch.begin() }
        var protocolLimits = SMTPLimits()
        protocolLimits.recipients = configuration.maximumRecipients
        let environment = SessionEnvironment(
            protocolConfiguration: SMTPServerConfiguration(
                hostname: configuration.hostname, maximumMessageSize: configuration.maximumMessageSize,
                bareNewlines: configuration.bareNewlines, offersSTARTTLS: tls != nil,
                recipientDomains: Set(configuration.domains).union(configuration.domainAliases.keys).count,
                limits: protocolLimits),
            limits: configuration.limits, policy: RecipientPolicy(configuration: configuration, known: known),
            space: space,
            writer: writer,
            bodies: BodyEnvironment(
                layout: layout, fileSystem: writer.fileSystem, largeThreshold: spoolLimits.largeThreshold,
                limits: configuration.limits, budget: BodyBudget(limit: configuration.limits.bodyMemory.bytes),
                filePool: pool),
            tls: tls, statistics: statistics, logger: logger, onDiskFailure: onDiskFailure)
        let listener = SMTPListener(environment: environment, group: group)
        let addresses = try await listener.bind(to: configuration.listeners)
        for address in addresses { logger.notice("listening", metadata: ["address": "\(Self.text(of: address))"]) }
        listening.store(true, ordering: .relaxed)
        defer { listening.store(false, ordering: .relaxed) }
        onListening(addresses)
        let failure = try await untilShutdown(failures: failures) {
            await self.refresh(known, space, on: pool)
            try? await pool.runIfActive { watch.look(now: .now()) }
        }
        await drain(listener, patience: failure == nil ? configuration.limits.drain : .zero)
        // Also a disk that failed only now, under the last messages, must not look like an orderly end.
        if let failure = failure ?? writer.failed { throw failure }
    }

    /// `192.0.2.1:25`, `[::]:25`.
    private static func text(of address: SocketAddress) -> String {
        let host = address.ipAddress ?? "unknown"
        return (host.contains(":") ? "[\(host)]" : host) + ":\(address.port ?? 0)"
    }

    /// Refreshes what is known of disk and roster every second until a shutdown is asked for or the spool fails.
    private func untilShutdown(
        failures: AsyncStream<SpoolError>, refresh: @escaping @Sendable () async -> Void
    ) async throws -> SpoolError? {
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
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))
                    await refresh()
                }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    /// Says that a shutdown was asked for, and, as long as it takes, what it waits for: a disk that hangs holds the writer up.
    private func watchShutdown() -> Task<Void, Never> {
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

    private func refresh(_ known: KnownRecipients, _ space: SpaceGuard, on pool: NIOThreadPool) async {
        do {
            try await pool.runIfActive { try known.refresh() }
        } catch is CancellationError {
            return
        } catch {
            logger.error(
                "roster snapshot unreadable, the last good one stays in force", metadata: ["error": "\(error)"])
        }
        do {
            try await pool.runIfActive { try space.refresh() }
        } catch is CancellationError {
            return
        } catch {
            logger.error("free space unknown", metadata: ["error": "\(error)"])
        }
    }

    /// Lets the messages in work end, within `patience`; then ends what is left.
    private func drain(_ listener: SMTPListener, patience: TimeAmount) async {
        await listener.stopListening()
        listener.tellSessions(.shuttingDown(patience > .zero ? .untilMessageEnds : .none))
        let deadline = NIODeadline.now() + patience
        while listener.sessionCount > 0, NIODeadline.now() < deadline {
            await Self.pause(.milliseconds(20))
        }
        listener.tellSessions(.shuttingDown(.none))
        // A commit in the writer's hands gets its answer: the disk's time, not the client's.
        let last = NIODeadline.now() + .seconds(2)
        while listener.sessionCount > 0, NIODeadline.now() < last { await Self.pause(.milliseconds(20)) }
        await listener.closeSessions()
    }

    /// A pause that a cancelled task takes too: the shutdown itself must not be cut short.
    private static func pause(_ duration: Duration) async {
        await Task.detached { try? await Task.sleep(for: duration) }.value
    }

    private func report(_ recovery: RecoveryReport) {
        logger.notice(
            "spool recovered",
            metadata: [
                "directory": "\(layout.directory)", "messages-in-last-segment": "\(recovery.messages)",
                "torn-bytes": "\(recovery.tornBytes)",
            ])
        if let copy = recovery.tornCopy {
            logger.warning("a torn end was cut off: nothing in it was acknowledged", metadata: ["kept": "\(copy)"])
        }
        for damage in recovery.damage {
            logger.critical("damage in the spool: acknowledged bytes have changed", metadata: ["where": "\(damage)"])
        }
    }
}
