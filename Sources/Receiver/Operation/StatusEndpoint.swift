import Logging
import MailModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// The receiver's own HTTP endpoint on a loopback address, for monitors: `/metrics`, `/livez`, `/readyz`.
///
/// An address that cannot be had does not keep mail from being taken: during an upgrade the old receiver has it still. It is tried
/// for again every second, and so is one that was lost.
struct StatusEndpoint: Sendable {
    /// Octets of a request's head, and connections at once: a monitor needs few of either.
    private static let requestBytes = 8 << 10
    private static let connections = 32
    private static let requestTimeout = TimeAmount.seconds(10)
    private static let acceptPause = TimeAmount.seconds(1)

    let listener: ReceiverConfiguration.Listener
    let health: ReceiverHealth
    let metrics: @Sendable () -> String
    let group: any EventLoopGroup
    let logger: Logger

    /// Serves until the task is cancelled. `onListening` is told the address once it is had.
    func run(onListening: @escaping @Sendable (SocketAddress) -> Void = { _ in }) async {
        var isComplaintMade = false
        while !Task.isCancelled {
            do {
                let channel = try await bind()
                if let address = channel.localAddress {
                    logger.info(
                        "status listening", metadata: ["address": "\(listener.host):\(address.port ?? listener.port)"])
                    onListening(address)
                }
                isComplaintMade = false
                await Self.end(of: channel)
                guard !Task.isCancelled else { return }
                // After an error of `accept` that it does not know, NIO closes the socket.
                logger.error(
                    "the status listener was closed: it is opened again, look into the kernel's log",
                    metadata: ["address": "\(listener.host):\(listener.port)"])
                try? await Task.sleep(for: .seconds(1))
            } catch {
                if !isComplaintMade {
                    logger.warning(
                        "status address cannot be had yet; metrics and health wait for it",
                        metadata: [
                            "address": "\(listener.host):\(listener.port)",
                            "error":
                                "\(SystemErrorText.listening(error, number: error.systemNumber, port: listener.port))",
                        ])
                }
                isComplaintMade = true
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Returns when the socket is closed, which the task's end does.
    private static func end(of channel: any Channel) async {
        await withTaskCancellationHandler {
            try? await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private func bind() async throws -> any Channel {
        let open = OpenConnections(limit: Self.connections)
        return try await ServerBootstrap(group: group)
            .serverChannelInitializer { [logger] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptPauseHandler(pause: Self.acceptPause, logger: logger))
                }
            }
            .serverChannelOption(.backlog, value: 16)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [health, metrics] channel in
                guard open.enter(channel) else { return channel.close() }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(StatusRequestGuard(bytes: Self.requestBytes, timeout: Self.requestTimeout))
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(StatusRequestHandler(health: health, metrics: metrics))
                }
            }
            .bind(host: listener.host, port: listener.port).get()
    }
}
