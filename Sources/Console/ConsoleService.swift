import Hummingbird
import HummingbirdCore
public import Logging
import MailModel
import NIOCore
public import ServiceLifecycle
import Synchronization

/// The console: a page, metrics and health over plain HTTP on a loopback address. Shows; changes nothing.
///
/// `run` listens and serves until it is told to shut down; then answers under way are finished. It throws `ConsoleError` `.listen`
/// when the address cannot be had.
public struct ConsoleService: Service {
    private let configuration: ConsoleConfiguration
    private let source: any ConsoleSource
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - source: asked at most once a second, however many readers there are.
    ///   - onListening: told once, with the port, when requests are answered.
    public init(
        configuration: ConsoleConfiguration, source: any ConsoleSource, logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.source = source
        self.logger = logger
        self.onListening = onListening
    }

    public func run() async throws {
        let isListening = Atomic(false)
        do {
            try await application { port in
                isListening.store(true, ordering: .relaxed)
                logger.notice("console listening", metadata: ["address": "\(configuration.address(port: port))"])
                onListening(port)
            }.run()
        } catch
            where !isListening.load(ordering: .relaxed) && !(error is CancellationError) && !(error is ConsoleError)
        {
            let words = SystemErrorText.listening(
                error, number: (error as? IOError)?.errnoCode, port: configuration.port)
            throw ConsoleError(
                code: .listen,
                message: "the console cannot listen on \(configuration.address(port: configuration.port)): \(words)")
        }
        logger.notice("console stopped")
    }

    /// The application, so that tests can ask it without a socket.
    func application(onListening: @escaping @Sendable (Int) -> Void = { _ in }) throws -> some ApplicationProtocol {
        let routes = ConsoleRoutes(source: StatusCache(source: source), page: try StatusPage())
        // Hummingbird tells of each start and stop of its own parts.
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        return Application(
            router: routes.router(hosts: HostRule(configuration.allowedHosts)),
            server: .http1(
                configuration: .init(
                    idleTimeout: .seconds(ConsoleLimits.idleSeconds),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: ConsoleLimits.headerFieldBytes,
                        maxHeaderListSize: ConsoleLimits.headerListBytes,
                        maxHeaderFieldCount: ConsoleLimits.headerFields))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: .maximum(ConsoleLimits.connections, logger: quiet)),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? configuration.port) },
            logger: quiet)
    }
}
