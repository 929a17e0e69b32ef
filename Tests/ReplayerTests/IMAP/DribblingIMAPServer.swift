import NIOCore
import NIOPosix

/// A server that logs everybody in and then answers a command with one untagged line after another, and never to the end.
final class DribblingIMAPServer: Sendable {
    private let channel: any Channel
    let port: Int

    init(every pause: TimeAmount) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DribblingHandler(pause))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func close() async { try? await channel.close() }
}

private final class DribblingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let pause: TimeAmount

    init(_ pause: TimeAmount) { self.pause = pause }

    func channelActive(context: ChannelHandlerContext) { say("* OK ready", context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let line = String(buffer: unwrapInboundIn(data))
        let tag = String(line.prefix { $0 != " " })
        switch line.split(whereSeparator: \.isWhitespace).dropFirst().first {
        case "CAPABILITY": say("* CAPABILITY IMAP4rev1\r\n\(tag) OK done", context)
        case "LOGIN": say("\(tag) OK done", context)
        default: dribble(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func dribble(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        say("* 1 EXISTS", context)
        context.eventLoop.assumeIsolated().scheduleTask(in: pause) { [self] in dribble(context) }
    }

    private func say(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(NIOAny(ByteBuffer(string: text + "\r\n")), promise: nil)
    }
}
