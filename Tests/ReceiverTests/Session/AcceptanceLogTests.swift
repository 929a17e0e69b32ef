import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import Receiver

@Suite("The line of the log for an accepted message", .timeLimit(.minutes(10)))
struct AcceptanceLogTests {
    @Test("The reply is written before the line is, so that no client waits for the log")
    func order() async throws {
        let log = RecordedLog()
        let fixture = try ReceiverFixture(logger: log.logger)
        let session = try await TestingSession(fixture)
        try await session.beginMessage()
        try await session.channel.pipeline.addHandler(NotingHandler(log.logger), position: .first)
        try await session.send("Subject: x\r\n\r\nbody\r\n.\r\n")
        #expect(try await session.reply().hasPrefix("250"))
        try await session.end()
        let order = log.lines.map(\.message).filter { ["250 written", "message accepted"].contains($0) }
        #expect(order == ["250 written", "message accepted"])
        await fixture.close()
    }
}

/// Stands before the socket and notes what goes out.
private final class NotingHandler: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = ByteBuffer

    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        logger.info("\(String(buffer: unwrapOutboundIn(data)).prefix(3)) written")
        context.write(data, promise: promise)
    }
}
