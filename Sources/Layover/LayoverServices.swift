import Logging
import NIOPosix
import Receiver
import ServiceLifecycle
import UnixSignals

/// The services behind the verbs, in the order of a message's route:
///
/// 1. ``ReceiverService``: socket to spool.
///
/// `serve` runs all of them in one process, `receive`, `replay --follow` and `console` one each. A service that fails ends the
/// process with a status that is not 0; SIGTERM and SIGINT end it in order.
enum LayoverServices {
    static func receiver(_ configuration: LayoverConfiguration, logger: Logger) throws -> ReceiverService {
        ReceiverService(
            configuration: try configuration.receiverConfiguration(), layout: configuration.layout,
            tls: try configuration.receiverTLS(), group: MultiThreadedEventLoopGroup.singleton, logger: logger)
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
