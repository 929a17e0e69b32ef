import NIOCore
import NIOEmbedded
import Synchronization

@testable import Receiver

/// One session in a testing channel: its clock and its writability are the test's, and reads of the socket are counted.
final class TestingSession: Sendable {
    let channel: NIOAsyncTestingChannel
    let reads = ReadCounter()
    private let box = WeakHandler()

    /// - Parameter other: a session on whose event loop this one is to be.
    init(
        _ fixture: ReceiverFixture, from client: String = "192.0.2.1", beside other: TestingSession? = nil
    ) async throws {
        channel = other.map { NIOAsyncTestingChannel(loop: $0.channel.testingEventLoop) } ?? NIOAsyncTestingChannel()
        let peer = try SocketAddress(ipAddress: client, port: 4711)
        try await channel.testingEventLoop.executeInContext { [channel, reads, box] in
            let handler = SMTPSessionHandler(environment: fixture.environment, peer: peer)
            box.handler = handler
            try channel.pipeline.syncOperations.addHandlers([CountingHandler(reads), handler])
        }
        try await channel.connect(to: peer).get()
    }

    /// The handler is still in memory.
    var isAlive: Bool {
        get async throws { try await channel.testingEventLoop.executeInContext { [box] in box.handler != nil } }
    }

    func send(_ text: String) async throws { try await channel.writeInbound(ByteBuffer(string: text)) }

    func reply() async throws -> String { String(buffer: try await channel.waitForOutboundWrite(as: ByteBuffer.self)) }

    func command(_ line: String) async throws -> String {
        try await send(line + "\r\n")
        return try await reply()
    }

    func beginMessage() async throws {
        _ = try await reply()
        for line in ["EHLO c", "MAIL FROM:<a@b.test>", "RCPT TO:<u@example.com>", "DATA"] {
            _ = try await command(line)
        }
    }

    /// The channel wants to read; tells whether the socket was read.
    func read() async -> Bool {
        let before = reads.count
        channel.read()
        await channel.testingEventLoop.run()
        return reads.count > before
    }

    func setWritable(_ isWritable: Bool) async throws {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
        await channel.testingEventLoop.run()
    }

    func advance(_ time: TimeAmount) async { await channel.testingEventLoop.advanceTime(by: time) }

    func end() async throws { _ = try? await channel.finish(acceptAlreadyClosed: true) }
}

/// How often the socket was asked for more.
final class ReadCounter: Sendable {
    private let value = Atomic<Int>(0)
    var count: Int { value.load(ordering: .relaxed) }
    fileprivate func add() { value.add(1, ordering: .relaxed) }
}

private final class CountingHandler: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private let reads: ReadCounter

    init(_ reads: ReadCounter) { self.reads = reads }

    func read(context: ChannelHandlerContext) {
        reads.add()
        context.read()
    }
}

private final class WeakHandler: @unchecked Sendable {  // Safe because it is touched on the channel's event loop only.
    weak var handler: SMTPSessionHandler?
}
