import Glibc
import NIOCore
import NIOPosix

/// A plain SMTP client that says exactly what the test says. Used by one task.
final class SMTPTestClient {
    let channel: any Channel
    private var iterator: AsyncStream<ByteBuffer>.Iterator
    private var received = ByteBuffer()
    private var isAtEnd = false

    private init(channel: any Channel, inbox: AsyncStream<ByteBuffer>) {
        self.channel = channel
        iterator = inbox.makeAsyncIterator()
    }

    static func connect(to address: SocketAddress) async throws -> SMTPTestClient {
        let (inbox, source) = AsyncStream.makeStream(of: ByteBuffer.self)
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(InboxHandler(source))
                }
            }
        return SMTPTestClient(channel: try await bootstrap.connect(to: address).get(), inbox: inbox)
    }

    /// Sends octets as they are.
    func send(_ bytes: some Sequence<UInt8> & Sendable) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Sends what the server may not take: the future ends when it is sent or the connection is gone.
    func sendLater(_ bytes: ByteBuffer) -> EventLoopFuture<Void> { channel.writeAndFlush(bytes) }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// The next whole reply without its last line end, its lines joined by LF; nil at the end of the connection.
    func reply() async -> String? {
        while true {
            if let reply = takeReply() { return reply }
            guard !isAtEnd else { return nil }
            guard var bytes = await iterator.next() else {
                isAtEnd = true
                continue
            }
            received.writeBuffer(&bytes)
        }
    }

    /// Sends one line and waits for its reply.
    @discardableResult
    func command(_ line: String) async throws -> String? {
        try await send(line + "\r\n")
        return await reply()
    }

    /// Banner, EHLO, MAIL, RCPT, DATA up to 354. Gives the last reply.
    @discardableResult
    func beginMessage(
        from sender: String = "a@sender.test", to recipients: [String] = ["u@example.com"], parameters: String = "",
        greets: Bool = true
    ) async throws -> String? {
        if greets {
            _ = await reply()
            try await command("EHLO client.sender.test")
        }
        try await command("MAIL FROM:<\(sender)>\(parameters)")
        for recipient in recipients { try await command("RCPT TO:<\(recipient)>") }
        return try await command("DATA")
    }

    /// The end of our side; replies still come.
    func halfClose() async throws { try await channel.close(mode: .output) }

    /// Everything that comes up to the end of the connection.
    func rest() async -> [String] {
        var replies: [String] = []
        while let reply = await reply() { replies.append(reply) }
        return replies
    }

    /// Every octet that comes up to the end of the connection, as text.
    func everything() async -> String {
        while var bytes = await iterator.next() { received.writeBuffer(&bytes) }
        return String(buffer: received)
    }

    /// Ends the connection with a RST, which arrives even where the server does not read.
    func reset() async throws {
        try await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        await close()
    }

    func close() async { try? await channel.close() }

    private func takeReply() -> String? {
        let text = String(buffer: received)
        var lines: [Substring] = []
        var rest = text[...]
        while let end = rest.firstRange(of: "\r\n") {
            let line = rest[..<end.lowerBound]
            lines.append(line)
            rest = rest[end.upperBound...]
            guard line.dropFirst(3).first != "-" else { continue }
            received = ByteBuffer(string: String(rest))
            return lines.joined(separator: "\n")
        }
        return nil
    }
}

/// Passes what comes to a stream, which ends with the connection or the server's side of it.
private final class InboxHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let source: AsyncStream<ByteBuffer>.Continuation

    init(_ source: AsyncStream<ByteBuffer>.Continuation) { self.source = source }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { source.yield(unwrapInboundIn(data)) }
    func channelInactive(context: ChannelHandlerContext) { source.finish() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent { source.finish() }
    }
}
