import Logging
import NIOCore
import SMTPProtocol

/// Reads the PROXY header of a load balancer's connection; then the session begins, for the client that it names.
///
/// Without a valid header within ``ReceiverLimits/proxyHeaderTimeout`` the connection is closed without a word: the session's client
/// is not known. After the header this handler passes everything on.
final class ProxyHeaderHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let environment: SessionEnvironment
    private var input = ByteBuffer()
    private var isDone = false
    private var timeout: Scheduled<Void>?

    init(environment: SessionEnvironment) { self.environment = environment }

    /// The session does not know of the connection yet, and gets its own `channelActive` with the header.
    func channelActive(context: ChannelHandlerContext) {
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: environment.limits.proxyHeaderTimeout) {
            self.refuse(context, "no PROXY header came in time")
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        var bytes = unwrapInboundIn(data)
        input.writeBuffer(&bytes)
        switch ProxyHeaderParser.parse(input) {
        case .needsMoreInput: break
        case .invalid: refuse(context, "no valid PROXY header")
        case .header(let header, let length):
            input.moveReaderIndex(forwardBy: length)
            begin(header, context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timeout?.cancel()
        // Before the header there is no session to be told.
        if isDone { context.fireChannelInactive() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isDone { context.fireErrorCaught(error) } else { context.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isDone { return context.fireUserInboundEventTriggered(event) }
        if case .some(.inputClosed) = event as? ChannelEvent { context.close(promise: nil) }
        if case .some(.shuttingDown) = event as? SessionEvent { context.close(promise: nil) }
    }

    private func begin(_ header: ProxyHeader, _ context: ChannelHandlerContext) {
        timeout?.cancel()
        isDone = true
        let named: (client: SocketAddress, server: SocketAddress)? =
            switch header {
            case .client(let client, let server): (client.unmapped, server)
            case .local: nil
            }
        let session = SMTPSessionHandler(
            environment: environment, client: named?.client, server: named?.server,
            peer: named?.client ?? context.remoteAddress)
        // The client's, who has not waited for the banner.
        session.input = input
        input = ByteBuffer()
        do {
            try context.pipeline.syncOperations.addHandler(session, position: .after(self))
        } catch {
            return context.close(promise: nil)
        }
        context.fireChannelActive()
    }

    private func refuse(_ context: ChannelHandlerContext, _ reason: String) {
        guard !isDone, context.channel.isActive else { return }
        environment.statistics.reach(.proxyHeader)
        environment.logger.warning(
            "connection of a load balancer closed",
            metadata: [
                "proxy": "\(context.remoteAddress?.ipAddress ?? "unknown")", "error": "\(reason)",
                "limit": "\(ReceiverLimit.proxyHeader.rawValue)",
            ])
        context.close(promise: nil)
    }
}
