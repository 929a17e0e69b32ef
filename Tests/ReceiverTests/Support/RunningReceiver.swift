import Logging
import MailModel
import NIOCore
import NIOPosix
import ServiceLifecycle
import Spool
import SystemTLS

@testable import Receiver

/// The whole service, as the command runs it.
struct RunningReceiver: Sendable {
    let service: ReceiverService
    let addresses: [SocketAddress]
    let spool: TestSpool
    private let services: ServiceGroup
    private let running: Task<Void, any Error>

    static func start(
        _ configuration: ReceiverConfiguration = ReceiverFixture.configuration(), spool: TestSpool? = nil,
        disk: any SpoolFileSystem = POSIXFileSystem(), tls: TLSServerIdentity? = nil,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        onPhase: @escaping @Sendable (ReceiverPhase) -> Void = { _ in }
    ) async throws -> RunningReceiver {
        let spool = try spool ?? TestSpool()
        let (listening, source) = AsyncStream.makeStream(of: [SocketAddress].self)
        let service = ReceiverService(
            configuration: configuration, layout: spool.layout, fileSystem: disk, tls: tls,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: logger, onPhase: onPhase
        ) { source.yield($0) }
        let services = ServiceGroup(
            configuration: .init(services: [service], gracefulShutdownSignals: [], logger: logger))
        let running = Task {
            defer { source.finish() }
            try await services.run()
        }
        for await addresses in listening {
            return RunningReceiver(
                service: service, addresses: addresses, spool: spool, services: services, running: running)
        }
        try await running.value
        throw ReceiverError("it ended before it listened")
    }

    var address: SocketAddress { addresses[0] }

    func beginShutdown() async { await services.triggerGracefulShutdown() }

    /// Waits for the end. Throws what `run` threw.
    func ended() async throws { try await running.value }

    func stop() async throws {
        await beginShutdown()
        try await ended()
    }
}
