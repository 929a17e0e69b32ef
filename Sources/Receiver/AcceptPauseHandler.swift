import Logging
import MailModel
import NIOCore

#if canImport(Glibc)
import Glibc
#endif

/// Asks a listening socket for no connection for a while after `accept` has failed for want of descriptors or memory. Who comes
/// meanwhile waits in the backlog.
///
/// NIO's `AcceptBackoffHandler` puts the next read off, but a socket whose read has failed goes on waiting for it, epoll says at once that a
/// connection is there, and the event loop spins. Without `autoRead` nothing waits.
final class AcceptPauseHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let pause: TimeAmount
    private let logger: Logger
    private let onPause: () -> Void
    /// It was told, and no connection has been taken since.
    private var isTold = false

    /// - Parameter onPause: told once, until a connection is taken again.
    init(pause: TimeAmount, logger: Logger, onPause: @escaping () -> Void = {}) {
        self.pause = pause
        self.logger = logger
        self.onPause = onPause
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isTold = false
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let number = error.systemNumber, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(number),
            let options = context.channel.syncOptions
        else { return context.fireErrorCaught(error) }
        if !isTold {
            isTold = true
            onPause()
            logger.warning(
                "no connection can be taken for a moment",
                metadata: [
                    "limit": "\(ReceiverLimit.openFiles.rawValue)", "error": "\(SystemErrorText.of(number))",
                    "remedy": "raise the limit of open files (LimitNOFILE=), or lower receive.max_sessions",
                ])
        }
        // The socket exists, so neither call can fail.
        try? options.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: pause) {
            try? options.setOption(.autoRead, value: true)
        }
    }
}
