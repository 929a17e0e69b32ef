import NIOCore
import NIOEmbedded
import SystemTLS
import Testing

@Suite("What belongs together leaves in one write to the socket")
struct TLSFlightTests {
    let certificates: TestCertificates

    init() throws { certificates = try SharedCertificates.get() }

    /// A pair after its handshake, and what counts the server's flushes from the start.
    private func makePair() throws -> (PumpedPair, FlushCounter) {
        let pair = try PumpedPair(server: certificates.server(certificates.good), client: certificates.client())
        let counter = FlushCounter()
        try pair.server.pipeline.syncOperations.addHandler(counter, position: .first)
        try pair.connect()
        try pair.pump()
        return (pair, counter)
    }

    @Test("The tickets that end a handshake wait for the first answer")
    func tickets() throws {
        let (pair, counter) = try makePair()
        #expect(pair.serverRecorder.handshake?.version == "TLSv1.3")
        #expect(counter.flushes == 1, "ServerHello up to Finished")
        pair.server.writeAndFlush(ByteBuffer(string: "250 a\r\n"), promise: nil)
        try pair.pump()
        #expect(counter.flushes == 2)
        #expect(pair.clientRecorder.text == "250 a\r\n")
    }

    @Test("The last answer and close_notify")
    func farewell() throws {
        let (pair, counter) = try makePair()
        pair.serverRecorder.onData = { _, context in
            context.writeAndFlush(NIOAny(ByteBuffer(string: "221 a\r\n")), promise: nil)
            context.close(promise: nil)
        }
        pair.client.writeAndFlush(ByteBuffer(string: "QUIT\r\n"), promise: nil)
        try pair.pump()
        #expect(counter.flushes == 2)
        #expect(pair.clientRecorder.text == "221 a\r\n")
        #expect(pair.clientRecorder.events.last == .inactive)
        #expect(pair.clientRecorder.error == nil, "an end without close_notify would be one")
    }

    @Test("Answers to what came in one read")
    func answers() throws {
        let (pair, counter) = try makePair()
        pair.serverRecorder.onData = { _, context in
            for answer in ["250 a\r\n", "250 b\r\n"] {
                context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: nil)
            }
        }
        pair.client.writeAndFlush(ByteBuffer(string: "MAIL\r\nRCPT\r\n"), promise: nil)
        try pair.pump()
        #expect(counter.flushes == 2)
        #expect(pair.clientRecorder.text == "250 a\r\n250 b\r\n")
    }
}

/// Stands between the TLS handler and the socket.
private final class FlushCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var flushes = 0

    func flush(context: ChannelHandlerContext) {
        flushes += 1
        context.flush()
    }
}
