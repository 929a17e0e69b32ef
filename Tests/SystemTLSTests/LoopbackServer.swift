import NIOCore
import NIOPosix
import SystemTLS

/// A TLS server on a free port of 127.0.0.1 that sends the first line back and closes.
struct LoopbackServer {
    enum Greeting: Sendable {
        /// TLS from the first byte.
        case implicit
        /// As much SMTP as STARTTLS needs.
        case startTLS
    }

    let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }

    init(_ identity: TLSServerIdentity, _ greeting: Greeting = .implicit) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    let pipeline = child.pipeline.syncOperations
                    switch greeting {
                    case .implicit:
                        try pipeline.addHandler(TLSHandler(server: identity.current))
                        try pipeline.addHandler(LineEcho())
                    case .startTLS: try pipeline.addHandler(StartTLSDialogue(identity: identity))
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func stop() async throws { try await channel.close() }
}

/// Sends everything back and closes after a line.
private final class LineEcho: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        let ends = buffer.readableBytesView.contains(UInt8(ascii: "\n"))
        let written = context.writeAndFlush(wrapOutboundOut(buffer))
        guard ends else { return }
        written.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Greets, answers EHLO, and at STARTTLS follows the rule in `TLSHandler`'s documentation.
private final class StartTLSDialogue: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let identity: TLSServerIdentity

    init(identity: TLSServerIdentity) { self.identity = identity }

    func channelActive(context: ChannelHandlerContext) { reply("220 loopback ESMTP\r\n", context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let command = String(buffer: unwrapInboundIn(data))
        if command.hasPrefix("EHLO") { reply("250-loopback\r\n250 STARTTLS\r\n", context) }
        guard command.hasPrefix("STARTTLS") else { return }
        // The rest of what was read is dropped with the buffer: nothing before the handshake is believed.
        reply("220 go ahead\r\n", context)
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandler(TLSHandler(server: identity.current), position: .first)
            try pipeline.addHandler(LineEcho())
            pipeline.removeHandler(context: context, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    private func reply(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}

extension StartTLSDialogue: RemovableChannelHandler {}
