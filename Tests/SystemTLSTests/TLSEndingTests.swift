import NIOCore
import NIOEmbedded
import SystemTLS
import Testing

@Suite("The TLS handler tells an honest end from a cut")
struct TLSEndingTests {
    let certificates: TestCertificates

    init() throws { certificates = try SharedCertificates.get() }

    private func makeConnectedPair(limits: TLSLimits = TLSLimits()) throws -> PumpedPair {
        let pair = try PumpedPair(
            server: certificates.server(certificates.good), client: certificates.client(), limits: limits)
        try pair.connect()
        try pair.pump()
        return pair
    }

    /// What came up after the handshake.
    private func events(_ recorder: RecordingHandler) -> [RecordingHandler.Event] {
        Array(recorder.events.dropFirst(2))
    }

    @Test("close sends close_notify; the other side sees data, an end, and no error")
    func orderlyClose() throws {
        let pair = try makeConnectedPair()
        pair.client.writeAndFlush(ByteBuffer(string: "QUIT\r\n"), promise: nil)
        let closed = pair.client.close()
        try pair.pump()
        try closed.wait()
        #expect(events(pair.serverRecorder) == [.data, .inactive])
        #expect(events(pair.clientRecorder) == [.inactive])
        #expect(!pair.server.isActive)
    }

    @Test("A FIN without close_notify in the middle of DATA is an error before the end")
    func truncation() throws {
        let pair = try makeConnectedPair()
        pair.client.writeAndFlush(ByteBuffer(string: "half a mess"), promise: nil)
        try pair.pump()
        try pair.hangUp(pair.server)
        #expect(events(pair.serverRecorder) == [.data, .failed(.truncated), .inactive])
    }

    @Test("A FIN in the middle of a record is an error, and the half record is never seen")
    func truncationInRecord() throws {
        let pair = try makeConnectedPair()
        pair.client.writeAndFlush(ByteBuffer(string: "a message"), promise: nil)
        var record = try pair.takeOutput(of: pair.client)
        try pair.server.writeInbound(PumpedPair.cut(record.readableBytes - 1, from: &record))
        try pair.hangUp(pair.server)
        #expect(events(pair.serverRecorder) == [.failed(.truncated), .inactive])
    }

    @Test("A FIN without close_notify is an error also where half closure is allowed")
    func halfClosure() throws {
        let pair = try makeConnectedPair()
        pair.server.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        pair.loop.run()
        #expect(events(pair.serverRecorder) == [.failed(.truncated), .inactive])
    }

    @Test("Clear text after close_notify is dropped, in the same segment or the next", arguments: [true, false])
    func clearTextAfterClose(sameSegment: Bool) throws {
        let pair = try makeConnectedPair()
        pair.client.writeAndFlush(ByteBuffer(string: "BDAT 1000\r\n0123456789"), promise: nil)
        pair.client.close(promise: nil)
        var bytes = try pair.takeOutput(of: pair.client)
        let injected = ByteBuffer(string: "\r\nMAIL FROM:<evil@example.com>\r\n")
        if sameSegment {
            bytes.writeImmutableBuffer(injected)
            try pair.server.writeInbound(bytes)
        } else {
            try pair.server.writeInbound(bytes)
            try pair.server.writeInbound(injected)
        }
        #expect(pair.serverRecorder.text == "BDAT 1000\r\n0123456789")
        try pair.pump()
        #expect(pair.serverRecorder.text == "BDAT 1000\r\n0123456789")
        #expect(!pair.server.isActive)
    }

    @Test("Clear text instead of a record is refused and never seen")
    func clearTextInstead() throws {
        let pair = try makeConnectedPair()
        try pair.server.writeInbound(ByteBuffer(string: "MAIL FROM:<evil@example.com>\r\n"))
        pair.loop.run()
        #expect(events(pair.serverRecorder) == [.failed(.protocolViolation), .inactive])
        #expect(!pair.server.isActive)
    }

    @Test("A record with one bit changed is refused; the data before it is kept apart from the error")
    func forgedRecord() throws {
        let pair = try makeConnectedPair()
        pair.client.writeAndFlush(ByteBuffer(string: "good"), promise: nil)
        var bytes = try pair.takeOutput(of: pair.client)
        pair.client.writeAndFlush(ByteBuffer(string: "evil"), promise: nil)
        var forged = try pair.takeOutput(of: pair.client)
        let last = forged.readableBytes - 1
        forged.setInteger(try #require(forged.getInteger(at: last, as: UInt8.self)) ^ 1, at: last)
        bytes.writeImmutableBuffer(forged)
        try pair.server.writeInbound(bytes)
        pair.loop.run()
        #expect(pair.serverRecorder.text == "good")
        #expect(events(pair.serverRecorder) == [.data, .failed(.protocolViolation), .inactive])
    }

    @Test(
        "Garbage instead of a ClientHello fails the handshake and closes",
        arguments: ["EHLO example.com\r\n", "GET / HTTP/1.1\r\n\r\n", "\0\0\0\0\0\0", "\u{16}\u{3}\u{1}\0\u{5}hello"])
    func garbage(bytes: String) throws {
        let pair = try PumpedPair(server: certificates.server(certificates.good), client: certificates.client())
        try pair.connect()
        let write = pair.server.writeAndFlush(ByteBuffer(string: "220 hello\r\n"))
        try pair.server.writeInbound(ByteBuffer(string: bytes))
        pair.loop.run()
        #expect(pair.serverRecorder.events == [.active, .failed(.handshakeFailed), .inactive])
        #expect(throws: TLSError.self) { try write.wait() }
        let sent = try pair.takeOutput(of: pair.server)
        #expect(!String(buffer: sent).contains("220"))
    }

    @Test("A client that meets a server in clear text is told to look at the port")
    func clearTextServer() throws {
        let pair = try PumpedPair(server: certificates.server(certificates.good), client: certificates.client())
        try pair.connect()
        try pair.client.writeInbound(ByteBuffer(string: "* OK IMAP4rev1 ready\r\n"))
        pair.loop.run()
        #expect(pair.clientRecorder.events == [.active, .failed(.handshakeFailed), .inactive])
        let error = try #require(pair.clientRecorder.error)
        #expect(error.description.contains("good.test") && error.description.contains("STARTTLS"))
        #expect(error.cause == "wrong version number")
    }

    @Test("A connection that ends during the handshake says so")
    func interrupted() throws {
        let pair = try PumpedPair(server: certificates.server(certificates.good), client: certificates.client())
        try pair.connect()
        try pair.hangUp(pair.client)
        #expect(pair.clientRecorder.events == [.active, .failed(.handshakeInterrupted), .inactive])
    }

    @Test("A silent peer is given up after the limit, and not before")
    func silence() throws {
        let pair = try PumpedPair(
            server: certificates.server(certificates.good), client: certificates.client(),
            limits: TLSLimits(handshakeTimeout: .seconds(30)))
        try pair.connect()
        pair.loop.advanceTime(by: .seconds(29))
        #expect(pair.serverRecorder.events == [.active])
        pair.loop.advanceTime(by: .seconds(1))
        pair.loop.run()
        #expect(pair.serverRecorder.events == [.active, .failed(.handshakeTimeout), .inactive])
    }

    @Test("The limit on the handshake ends with it")
    func noTimeoutLater() throws {
        let pair = try makeConnectedPair()
        pair.loop.advanceTime(by: .hours(1))
        #expect(events(pair.serverRecorder) == [])
    }

    @Test("A peer that sends records without data for ever is cut off")
    func recordFlood() throws {
        let pair = try makeConnectedPair(limits: TLSLimits(idleRecordBytes: 4000))
        pair.client.writeAndFlush(ByteBuffer(repeating: 0x61, count: 10_000), promise: nil)
        var record = try pair.takeOutput(of: pair.client)
        try pair.server.writeInbound(PumpedPair.cut(3000, from: &record))
        #expect(events(pair.serverRecorder) == [])
        try pair.server.writeInbound(PumpedPair.cut(2000, from: &record))
        pair.loop.run()
        #expect(events(pair.serverRecorder) == [.failed(.limitExceeded), .inactive])
    }

    @Test("After close nothing can be written, and what waited is told so")
    func writeAfterClose() throws {
        let pair = try makeConnectedPair()
        let waiting = pair.client.write(ByteBuffer(string: "unflushed"))
        pair.client.close(promise: nil)
        let late = pair.client.writeAndFlush(ByteBuffer(string: "late"))
        try pair.pump()
        #expect(throws: ChannelError.self) { try waiting.wait() }
        #expect(throws: ChannelError.self) { try late.wait() }
        #expect(pair.serverRecorder.received.readableBytes == 0)
    }

    @Test("Closing during the handshake fails what waited, without an error of its own")
    func closeDuringHandshake() throws {
        let pair = try PumpedPair(server: certificates.server(certificates.good), client: certificates.client())
        try pair.connect()
        let waiting = pair.client.writeAndFlush(ByteBuffer(string: "early"))
        pair.client.close(promise: nil)
        pair.loop.run()
        #expect(throws: ChannelError.self) { try waiting.wait() }
        #expect(pair.clientRecorder.events == [.active, .inactive])
    }

    @Test("A close in the handler that receives the data still sends close_notify")
    func closeWhileReading() throws {
        let pair = try makeConnectedPair()
        pair.serverRecorder.onData = { _, context in
            context.writeAndFlush(NIOAny(ByteBuffer(string: "221 bye\r\n")), promise: nil)
            context.close(promise: nil)
        }
        pair.client.writeAndFlush(ByteBuffer(string: "QUIT\r\n"), promise: nil)
        try pair.pump()
        #expect(pair.clientRecorder.text == "221 bye\r\n")
        #expect(events(pair.clientRecorder) == [.data, .inactive])
    }
}
