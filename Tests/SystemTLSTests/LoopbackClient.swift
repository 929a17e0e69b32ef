import NIOCore
import NIOPosix
import SystemTLS

/// A client on a real socket: shakes hands, sends one line and waits for one.
enum LoopbackClient {
    struct Answer: Sendable {
        let line: String
        let handshake: TLSHandshakeCompleted?
    }

    /// - Throws: the `TLSError` that ended the connection.
    static func ask(port: Int, _ context: TLSClientContext, host: String, line: String) async throws -> Answer {
        let group = MultiThreadedEventLoopGroup.singleton
        let answer = group.next().makePromise(of: Answer.self)
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        TLSHandler(client: context, host: host), LineAsker(line: line, answer: answer),
                    ])
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let result = await Result { try await answer.futureResult.get() }
        try? await channel.close()
        return try result.get()
    }
}

private final class LineAsker: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let line: String
    private let answer: EventLoopPromise<LoopbackClient.Answer>
    private var received = ""
    private var handshake: TLSHandshakeCompleted?

    init(line: String, answer: EventLoopPromise<LoopbackClient.Answer>) {
        self.line = line
        self.answer = answer
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let completed = event as? TLSHandshakeCompleted else { return }
        handshake = completed
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: line + "\n")), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        guard received.hasSuffix("\n") else { return }
        answer.succeed(LoopbackClient.Answer(line: String(received.dropLast()), handshake: handshake))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { answer.fail(error) }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(ChannelError.eof) }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
