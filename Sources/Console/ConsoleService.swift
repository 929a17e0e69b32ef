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
/// when the address cannot be had; beside a receiver, whose mail must not depend on it, it says so and tries again every second.
public struct ConsoleService: Service {
    private let configuration: ConsoleConfiguration
    private let source: any ConsoleSource
    private let logger: Logger
    private let isPatient: Bool
    private let onListening: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - source: asked at most once a second, however many readers there are.
    ///   - isPatient: an address that cannot be had, or is lost, is waited for.
    ///   - onListening: told once, with the port, when requests are answered.
    public init(
        configuration: ConsoleConfiguration, source: any ConsoleSource, logger: Logger,
        isPatient: Bool = false, onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.isPatient = isPatient
        self.source = source
        self.logger = logger
        self.onListening = onListening
    }

    public func run() async throws {
        var isComplaintMade = false
        while true {
            do {
                try await serve()
                guard isPatient, !Task.isCancelled, !Task.isShuttingDownGracefully else {
                    return logger.notice("console stopped")
                }
                logger.error("the console was closed: it is opened again, look into the kernel's log")
                isComplaintMade = false
            } catch let error as ConsoleError where isPatient && error.code == .listen {
                if !isComplaintMade {
                    logger.error(
                        "the console cannot listen; mail is taken all the same, and the address is tried again every second",
                        metadata: [
                            "error": "\(error)",
                            "remedy": "end the program that has the address, or change console.listen",
                        ])
                }
                isComplaintMade = true
            }
            // Ends at once when it is told to shut down.
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
            if Task.isCancelled || Task.isShuttingDownGracefully { return }
        }
    }

    /// Throws `.listen` where the address cannot be had.
    private func serve() async throws {
        let isListening = Atomic(false)
        do {
            try await application { port in
                isListening.store(true, ordering: .relaxed)
                logger.notice("console listening", metadata: ["address": "\(configuration.address(port: port))"])
                onListening(port)
            }.run()
        } catch
            where (isPatient || !isListening.load(ordering: .relaxed)) && !(error is CancellationError)
            && !(error is ConsoleError)
        {
            let words = SystemErrorText.listening(
                error, number: (error as? IOError)?.errnoCode, port: configuration.port)
            throw ConsoleError(
                code: .listen,
                message: "the console cannot listen on \(configuration.address(port: configuration.port)): \(words)")
        }
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
