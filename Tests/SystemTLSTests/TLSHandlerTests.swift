import NIOCore
import NIOEmbedded
import SystemTLS
import Testing

@Suite("The TLS handler carries data")
struct TLSHandlerTests {
    let certificates: TestCertificates

    init() throws { certificates = try SharedCertificates.get() }

    private func makePair(limits: TLSLimits = TLSLimits()) throws -> PumpedPair {
        try PumpedPair(server: certificates.server(certificates.good), client: certificates.client(), limits: limits)
    }

    @Test("A handshake tells both sides version, suite and whether the peer was verified", arguments: [Int.max, 1, 7])
    func handshake(split: Int) throws {
        let pair = try makePair()
        try pair.connect()
        try pair.pump(split: split)
        let ends = pair.clientRecorder.events.compactMap { event in
            if case .handshake(let completed) = event { completed.peerCertificateEnds } else { nil }
        }.first
        #expect(ends ?? 0 > 1_500_000_000, "the client is told when the certificate ends")
        let expected = { isClient in
            TLSHandshakeCompleted(
                version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", peerVerified: isClient,
                peerCertificateEnds: isClient ? ends : nil)
        }
        #expect(pair.clientRecorder.events == [.active, .handshake(expected(true))])
        #expect(pair.serverRecorder.events == [.active, .handshake(expected(false))])
        #expect(expected(true).description == "TLSv1.3 TLS_AES_256_GCM_SHA384")
    }

    @Test("Data goes both ways, whole or byte by byte", arguments: [Int.max, 1, 5, 1000])
    func data(split: Int) throws {
        let pair = try makePair()
        try pair.connect()
        try pair.pump(split: split)
        pair.client.writeAndFlush(ByteBuffer(string: "EHLO a\r\n"), promise: nil)
        pair.server.writeAndFlush(ByteBuffer(string: "220 b\r\n"), promise: nil)
        try pair.pump(split: split)
        #expect(pair.serverRecorder.text == "EHLO a\r\n")
        #expect(pair.clientRecorder.text == "220 b\r\n")
    }

    @Test("What is written before the handshake waits for it, and its promise too")
    func earlyWrites() throws {
        let pair = try makePair()
        let first = pair.loop.makePromise(of: Void.self)
        let empty = pair.loop.makePromise(of: Void.self)
        let unflushed = pair.loop.makePromise(of: Void.self)
        var fulfilled: [String] = []
        first.futureResult.assumeIsolated().whenSuccess { fulfilled.append("first") }
        empty.futureResult.assumeIsolated().whenSuccess { fulfilled.append("empty") }
        unflushed.futureResult.assumeIsolated().whenSuccess { fulfilled.append("unflushed") }
        try pair.connect()
        pair.client.write(ByteBuffer(string: "one "), promise: first)
        pair.client.writeAndFlush(ByteBuffer(), promise: empty)
        pair.client.write(ByteBuffer(string: "two"), promise: unflushed)
        #expect(fulfilled.isEmpty)
        try pair.pump()
        #expect(pair.serverRecorder.text == "one ")
        #expect(fulfilled == ["first", "empty"])
        pair.client.flush()
        try pair.pump()
        #expect(pair.serverRecorder.text == "one two")
        #expect(fulfilled == ["first", "empty", "unflushed"])
    }

    @Test("Too much clear text before the handshake is refused, what fits is not")
    func earlyWritesLimit() throws {
        let pair = try makePair(limits: TLSLimits(pendingWriteBytes: 10))
        try pair.connect()
        let (fits, over) = (pair.loop.makePromise(of: Void.self), pair.loop.makePromise(of: Void.self))
        pair.client.write(ByteBuffer(repeating: 1, count: 10), promise: fits)
        pair.client.writeAndFlush(ByteBuffer(repeating: 1, count: 1), promise: over)
        try pair.pump()
        try fits.futureResult.wait()
        #expect(throws: TLSError.self) { try over.futureResult.wait() }
        #expect(pair.serverRecorder.received.readableBytes == 10)
    }

    @Test("Many small writes and one flush make one write to the socket, and every promise is kept")
    func coalescing() throws {
        let pair = try makePair()
        try pair.connect()
        try pair.pump()
        let before = pair.serverWrites
        var kept = 0
        for index in 0..<50 {
            let promise = pair.loop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenSuccess { kept += 1 }
            pair.server.write(ByteBuffer(string: "250 2.1.5 \(index)\r\n"), promise: promise)
        }
        #expect(kept == 0)
        pair.server.flush()
        try pair.pump()
        #expect(pair.serverWrites == before + 1)
        #expect(kept == 50)
        #expect(pair.clientRecorder.text == (0..<50).map { "250 2.1.5 \($0)\r\n" }.joined())
    }

    @Test("Ten megabytes arrive as they were sent, one write or many", arguments: [10 << 20, 100_000, 16 << 10])
    func large(writeSize: Int) throws {
        let pair = try makePair()
        try pair.connect()
        try pair.pump()
        var sent = ByteBuffer()
        for index in 0..<(10 << 20) / 8 { sent.writeInteger(UInt64(index) &* 0x9E37_79B9_7F4A_7C15) }
        var rest = sent
        while let piece = rest.readSlice(length: min(writeSize, rest.readableBytes)), piece.readableBytes > 0 {
            pair.client.write(piece, promise: nil)
        }
        let done = pair.loop.makePromise(of: Void.self)
        pair.client.writeAndFlush(ByteBuffer(), promise: done)
        try pair.pump(split: 60_000)
        try done.futureResult.wait()
        #expect(pair.serverRecorder.received == sent)
        #expect(pair.serverRecorder.events.last == .data)
    }

    @Test("A write that a change of writability causes in the middle of another comes after it")
    func writeDuringWrite() throws {
        let pair = try makePair()
        try pair.connect()
        try pair.pump()
        try pair.client.pipeline.syncOperations.addHandler(FullSocket(), position: .first)
        pair.clientRecorder.onWritability = { context in
            context.writeAndFlush(NIOAny(ByteBuffer(string: "after")), promise: nil)
        }
        pair.client.write(ByteBuffer(repeating: 0x61, count: 300_000), promise: nil)
        try pair.pump()
        #expect(pair.serverRecorder.received.readableBytes == 300_005)
        #expect(pair.serverRecorder.text.hasSuffix("aafter"))
        #expect(pair.serverRecorder.error == nil)
    }

    @Test("A channel that does not read by itself is asked to read until data has come")
    func readDemand() throws {
        let pair = try makePair()
        let counter = ReadCounter()
        try pair.server.pipeline.syncOperations.addHandler(counter, position: .first)
        pair.server.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 25), promise: nil)
        #expect(counter.count == 1)
        pair.client.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 25), promise: nil)
        let hello = try pair.takeOutput(of: pair.client)
        try pair.server.writeInbound(hello)
        #expect(counter.count == 2)
        try pair.pump()
        let afterHandshake = counter.count
        pair.client.writeAndFlush(ByteBuffer(string: "data"), promise: nil)
        var record = try pair.takeOutput(of: pair.client)
        try pair.server.writeInbound(PumpedPair.cut(9, from: &record))
        #expect(counter.count == afterHandshake, "nobody had asked for data")
        pair.server.read()
        #expect(counter.count == afterHandshake + 1)
        var middle = record
        try pair.server.writeInbound(PumpedPair.cut(3, from: &middle))
        #expect(counter.count == afterHandshake + 2, "half a record is no answer to a read")
        try pair.server.writeInbound(middle)
        #expect(counter.count == afterHandshake + 2)
        #expect(pair.serverRecorder.text == "data")
    }

    @Test("STARTTLS: a handler added to a running connection begins at once")
    func middleOfConnection() throws {
        let loop = EmbeddedEventLoop()
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 25)
        let channel = EmbeddedChannel(loop: loop)
        channel.connect(to: address, promise: nil)
        try channel.pipeline.syncOperations.addHandler(
            TLSHandler(client: certificates.client(), host: "good.test"), position: .first)
        let hello = try #require(try channel.readOutbound(as: ByteBuffer.self))
        // A handshake record with a ClientHello that names the host.
        #expect(hello.getInteger(at: 0, as: UInt8.self) == 22)
        #expect(hello.getInteger(at: 5, as: UInt8.self) == 1)
        #expect(String(buffer: hello).contains("good.test"))
        _ = try? channel.finish()
    }

    @Test("An address is looked for in the certificate and is not sent as a server name")
    func address() throws {
        let pair = try PumpedPair(
            server: certificates.server(certificates.good), client: certificates.client(), host: "127.0.0.1")
        pair.client.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 25), promise: nil)
        let hello = try pair.takeOutput(of: pair.client)
        #expect(!String(buffer: hello).contains("127.0.0.1"))
        pair.server.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 25), promise: nil)
        try pair.server.writeInbound(hello)
        try pair.pump()
        #expect(pair.clientRecorder.handshake?.peerVerified == true)
    }
}

/// Says that the socket is full, once, on the second write.
private final class FullSocket: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private var writes = 0

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        writes += 1
        context.write(data, promise: promise)
        if writes == 2 { context.fireChannelWritabilityChanged() }
    }
}

/// Counts how often the socket was asked to read.
private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}
