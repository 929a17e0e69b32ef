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
    let configuration: ReceiverConfiguration
    let layout: SpoolLayout
    private let spoolLimits: SpoolLimits
    private let fileSystem: any SpoolFileSystem
    private let tls: TLSServerIdentity?
    private let group: any EventLoopGroup
    let logger: Logger
    private let onListening: @Sendable ([SocketAddress]) -> Void
    private let onPhase: @Sendable (ReceiverPhase) -> Void
    private let listening = Atomic<Bool>(false)
    private let operation = Mutex<ReceiverOperation?>(nil)

    /// - Parameters:
    ///   - onPhase: told of each step of its life, in order.
    ///   - onListening: told once, with the addresses in the order of the configuration, when mail is taken.
    public init(
        configuration: ReceiverConfiguration, layout: SpoolLayout, spoolLimits: SpoolLimits = SpoolLimits(),
        fileSystem: any SpoolFileSystem = POSIXFileSystem(), tls: TLSServerIdentity? = nil, group: any EventLoopGroup,
        logger: Logger,
        onPhase: @escaping @Sendable (ReceiverPhase) -> Void = { _ in },
        onListening: @escaping @Sendable ([SocketAddress]) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.layout = layout
        self.spoolLimits = spoolLimits
        self.fileSystem = fileSystem
        self.tls = tls
        self.group = group
        self.logger = logger
        self.onPhase = onPhase
        self.onListening = onListening
    }

    /// Why no mail can be taken now; nil while all is well. Nil also before `run`.
    public var spoolFailure: SpoolError? { operation.withLock { $0?.writer.failed } }

    /// Mail is being taken.
    public var isListening: Bool { listening.load(ordering: .relaxed) }

    /// For how long the writer has been at the commit in its hands; zero while it waits for mail. For a watchdog.
    public var commitStall: Duration {
        let since = operation.withLock { $0 }?.writer.progress.busySince
        return since.map { ContinuousClock.now - $0 } ?? .zero
    }

    /// Reads certificate, key and roster again, and logs what came of it. The configuration stays as it was at the start.
    public func reload() async {
        guard let operation = operation.withLock({ $0 }) else { return }
        await operation.reload()
    }

    public func run() async throws {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        defer { pool.shutdownGracefully { _ in } }
        let failures = EndingFailures()
        guard let writer = try await openSpool(pool, onFailure: failures.report) else { return }
        report(writer.recovery)
        let watch = watchShutdown()
        defer { watch.cancel() }
        do {
            try await serve(writer: writer, pool: pool, failures: failures)
        } catch {
            try? await pool.runIfActive { writer.close() }
            throw error
        }
        try await pool.runIfActive { writer.close() }
        // Also a disk that failed only now, under the last messages, must not look like an orderly end.
        if let failure = failures.first { throw failure }
        logger.notice("receiver stopped", metadata: ["messages": "\(statistics.snapshot.messagesAccepted)"])
    }

    /// Opens the spool as its only receiver. Waits for another one to give it up, up to ``ReceiverLimits/lockWait``; nil where a
    /// shutdown came meanwhile.
    private func openSpool(
        _ pool: NIOThreadPool, onFailure: @escaping @Sendable (SpoolError) -> Void
    ) async throws -> SegmentWriter? {
        let deadline = NIODeadline.now() + configuration.limits.lockWait
        var isWaiting = false
        while true {
            do {
                onPhase(.recovering)
                return try await pool.runIfActive { [layout, fileSystem, spoolLimits] in
                    try SegmentWriter(
                        layout: layout, fileSystem: fileSystem, limits: spoolLimits, onFailure: onFailure)
                }
            } catch let error as SpoolError where error.code == .locked {
                guard NIODeadline.now() < deadline else { throw error }
                if !isWaiting {
                    onPhase(.waitingForLock)
                    logger.notice(
                        "waiting for another receiver to give the spool up",
                        metadata: [
                            "directory": "\(layout.directory)",
                            "at-most-seconds": "\(configuration.limits.lockWait.nanoseconds / 1_000_000_000)",
                        ])
                }
                isWaiting = true
                guard try await waitForLock(pool, until: deadline) else { return nil }
            }
        }
    }

    /// Returns when the lock looked free for a moment, or the time is over; false where a shutdown came.
    private func waitForLock(_ pool: NIOThreadPool, until deadline: NIODeadline) async throws -> Bool {
        while NIODeadline.now() < deadline {
            if Task.isShuttingDownGracefully || Task.isCancelled { return false }
            do {
                let isFree = try await pool.runIfActive { [layout] in
                    try SpoolLock.acquire(layout: layout, name: .receiver, wait: false) != nil
                }
                if isFree { return true }
            } catch is CancellationError {
                return false
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return true
    }

    private func serve(
        writer: SegmentWriter, pool: NIOThreadPool, failures: EndingFailures
    ) async throws {
        let known = KnownRecipients(layout: layout)
        let space = SpaceGuard(
            path: layout.directory, fileSystem: fileSystem, floor: configuration.limits.minimumFree)
        let environment = environment(writer, pool, known, space, try await lookup(pool), failures.report)
        let operation = ReceiverOperation(
            environment: environment, known: known, pool: pool, layout: layout, configuration: configuration,
            group: group, logger: logger
        ) { [self] in isListening }
        self.operation.withLock { $0 = operation }
        defer { operation.stop() }
        await operation.begin()
        let listener = SMTPListener(environment: environment, group: group) { address in
            failures.report(
                SpoolError(
                    code: .io,
                    message:
                        "the listening socket \(address) was closed: start the receiver again, and look into the kernel's log"
                ))
        }
        environment.stress.onChange { [weak listener] _ in listener?.tellOfStress() }
        let addresses =
            configuration.inheritedSockets.isEmpty
            ? try await listener.bind(to: configuration.listeners)
            : try await listener.adopt(configuration.inheritedSockets)
        for address in addresses { logger.notice("listening", metadata: ["address": "\(Self.text(of: address))"]) }
        listening.store(true, ordering: .relaxed)
        onPhase(.takingMail)
        onListening(addresses)
        let status = Task { await operation.runStatusEndpoint() }
        let failure = await untilShutdown(failures: failures.stream) { await operation.watch() }
        listening.store(false, ordering: .relaxed)
        onPhase(.draining)
        if let failure {
            logger.error(
                "ending: no more mail can be taken",
                metadata: ["sessions": "\(listener.sessionCount)", "error": "\(failure)"])
        }
        await drain(listener, patience: failure == nil ? configuration.limits.drain : .zero)
        await operation.end()
        status.cancel()
        await status.value
        if let failure { throw failure }
    }

    private func environment(
        _ writer: SegmentWriter, _ pool: NIOThreadPool, _ known: KnownRecipients, _ space: SpaceGuard,
        _ lookup: ClientLookup?, _ onDiskFailure: @escaping @Sendable (SpoolError) -> Void
    ) -> SessionEnvironment {
        var protocolLimits = configuration.protocolLimits
        protocolLimits.recipients = configuration.maximumRecipients
        return SessionEnvironment(
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
            tls: tls, statistics: statistics, logger: logger,
            gateways: GatewayNetworks(
                proxies: configuration.proxyNetworks, xclient: configuration.xclientNetworks, junk: configuration.junk),
            lookup: lookup, onDiskFailure: onDiskFailure)
    }

    /// `192.0.2.1:25`, `[::]:25`.
    private static func text(of address: SocketAddress) -> String {
        let host = address.ipAddress ?? "unknown"
        return (host.contains(":") ? "[\(host)]" : host) + ":\(address.port ?? 0)"
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
}
