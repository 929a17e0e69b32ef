import Logging
import MailModel
import NIOCore
import NIOPosix
import SMTPProtocol
import Spool
import Synchronization
import SystemTLS

@testable import Receiver

/// Sessions over real sockets or in a testing channel, on a real spool whose disk a test can make fail.
final class ReceiverFixture: Sendable {
    let spool: TestSpool
    let disk = ScriptedFileSystem()
    let writer: SegmentWriter
    let environment: SessionEnvironment
    let listener: SMTPListener
    private let pool: NIOThreadPool

    static let domains = ["example.com", "example.fr"]

    static func configuration(_ limits: ReceiverLimits = ReceiverLimits()) -> ReceiverConfiguration {
        ReceiverConfiguration(
            hostname: "mx1.example.com", listeners: [.init(host: "127.0.0.1", port: 0)], domains: domains,
            domainAliases: ["old.example": "example.com"], limits: limits)
    }

    init(
        _ configuration: ReceiverConfiguration = configuration(), spoolLimits: SpoolLimits = SpoolLimits(),
        tls: TLSServerIdentity? = nil,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
        throws
    {
        let spool = try TestSpool()
        self.spool = spool
        pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        let failures = BoxedFailures()
        writer = try SegmentWriter(layout: spool.layout, fileSystem: disk, limits: spoolLimits)
        let known = KnownRecipients(layout: spool.layout)
        let space = SpaceGuard(path: spool.layout.directory, fileSystem: disk, floor: configuration.limits.minimumFree)
        var protocolLimits = configuration.protocolLimits
        protocolLimits.recipients = configuration.maximumRecipients
        environment = SessionEnvironment(
            protocolConfiguration: SMTPServerConfiguration(
                hostname: configuration.hostname, maximumMessageSize: configuration.maximumMessageSize,
                bareNewlines: configuration.bareNewlines, offersSTARTTLS: tls != nil, recipientDomains: 3,
                limits: protocolLimits),
            limits: configuration.limits, policy: RecipientPolicy(configuration: configuration, known: known),
            space: space,
            writer: writer,
            bodies: BodyEnvironment(
                layout: spool.layout, fileSystem: disk, largeThreshold: spoolLimits.largeThreshold,
                limits: configuration.limits,
                budget: BodyBudget(limit: configuration.limits.bodyMemory.bytes), filePool: pool),
            tls: tls, statistics: ReceiverStatistics(),
            logger: logger,
            gateways: GatewayNetworks(
                proxies: configuration.proxyNetworks, xclient: configuration.xclientNetworks, junk: configuration.junk),
            onDiskFailure: { failures.append($0) })
        listener = SMTPListener(environment: environment, group: MultiThreadedEventLoopGroup.singleton)
        self.failures = failures
    }

    private let failures: BoxedFailures
    /// What was told to `onDiskFailure`.
    var reportedDiskFailures: [SpoolError] { failures.all }

    /// Runs `body` with the address of a listener, then closes everything and gives the writer the time to end.
    static func run(
        _ configuration: ReceiverConfiguration = configuration(), spoolLimits: SpoolLimits = SpoolLimits(),
        tls: TLSServerIdentity? = nil, logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ body: (ReceiverFixture, SocketAddress) async throws -> Void
    ) async throws {
        let fixture = try ReceiverFixture(configuration, spoolLimits: spoolLimits, tls: tls, logger: logger)
        do {
            let addresses = try await fixture.listener.bind(to: configuration.listeners)
            try await body(fixture, addresses[0])
        } catch {
            await fixture.close()
            throw error
        }
        await fixture.close()
    }

    func close() async {
        disk.largeGate.open()
        disk.probeGate.open()
        disk.segmentGate.open()
        await listener.stopListening()
        await listener.closeSessions()
        await closeWriter()
        try? await pool.shutdownGracefully()
    }

    /// Ends the writer; what was submitted is on the disk when this returns.
    func closeWriter() async {
        await withCheckedContinuation { continuation in
            NIOThreadPool.singleton.submit { [writer] _ in
                writer.close()
                continuation.resume()
            }
        }
    }

    func refreshSpace() throws { try environment.space.refresh() }

    /// Waits until something that other threads bring about is so. The suite's time limit ends a wait without end.
    func eventually(_ condition: () throws -> Bool) async throws {
        while try !condition() {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Nothing is left of any message in flight: no memory, no promised room.
    var isAtRest: Bool { environment.bodies.budget.bytes == 0 && environment.space.reservedBytes == 0 }
}

/// Errors collected from any thread.
final class BoxedFailures: Sendable {
    private let errors = Mutex<[SpoolError]>([])
    func append(_ error: SpoolError) { errors.withLock { $0.append(error) } }
    var all: [SpoolError] { errors.withLock { $0 } }
}
