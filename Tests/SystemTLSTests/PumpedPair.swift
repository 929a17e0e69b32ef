import NIOCore
import NIOEmbedded
import SystemTLS

/// A client and a server in two embedded channels; what one sends is fed to the other by hand.
final class PumpedPair {
    let loop = EmbeddedEventLoop()
    let client: EmbeddedChannel
    let server: EmbeddedChannel
    let clientRecorder = RecordingHandler()
    let serverRecorder = RecordingHandler()
    /// How many writes to the socket each side has made.
    private(set) var clientWrites = 0
    private(set) var serverWrites = 0

    init(
        server serverContext: TLSServerContext, client clientContext: TLSClientContext, host: String = "good.test",
        limits: TLSLimits = TLSLimits()
    ) throws {
        client = EmbeddedChannel(loop: loop)
        server = EmbeddedChannel(loop: loop)
        try client.pipeline.syncOperations.addHandlers([
            TLSHandler(client: clientContext, host: host, limits: limits), clientRecorder,
        ])
        try server.pipeline.syncOperations.addHandlers([
            TLSHandler(server: serverContext, limits: limits), serverRecorder,
        ])
    }

    func connect() throws {
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 25)
        server.connect(to: address, promise: nil)
        client.connect(to: address, promise: nil)
        loop.run()
    }

    /// Moves bytes both ways until neither side has any left, in pieces of `split` bytes; then passes a close on.
    func pump(split: Int = .max) throws {
        var moved = true
        while moved {
            loop.run()
            let toServer = try move(from: client, to: server, split, &clientWrites)
            let toClient = try move(from: server, to: client, split, &serverWrites)
            moved = toServer || toClient
        }
        for (one, other) in [(client, server), (server, client)] where !one.isActive && other.isActive {
            try hangUp(other)
        }
    }

    /// The peer's FIN arrives: the channel ends below the TLS handler, which has no part in it.
    func hangUp(_ channel: EmbeddedChannel) throws {
        try channel.pipeline.syncOperations.context(handlerType: TLSHandler.self).close(promise: nil)
        loop.run()
    }

    /// What the side has sent to its socket and nobody was fed with.
    func takeOutput(of channel: EmbeddedChannel) throws -> ByteBuffer {
        var all = ByteBuffer()
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { all.writeImmutableBuffer(buffer) }
        return all
    }

    /// Cuts the first bytes off; throws when there are fewer.
    static func cut(_ count: Int, from buffer: inout ByteBuffer) throws -> ByteBuffer {
        try buffer.readSlice(length: count) ?? { throw TooShort() }()
    }

    struct TooShort: Error {}

    private func move(
        from source: EmbeddedChannel, to target: EmbeddedChannel, _ split: Int, _ writes: inout Int
    ) throws -> Bool {
        var moved = false
        while var buffer = try source.readOutbound(as: ByteBuffer.self) {
            moved = true
            writes += 1
            while let piece = buffer.readSlice(length: min(split, buffer.readableBytes)), piece.readableBytes > 0,
                target.isActive
            {
                try target.writeInbound(piece)
            }
        }
        return moved
    }
}
