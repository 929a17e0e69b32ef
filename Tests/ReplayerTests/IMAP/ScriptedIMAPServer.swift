import NIOCore
import NIOPosix

/// A server that says what its script says to the lines and literals it is sent, one connection after another.
///
/// A script line `C: x` waits until the client has sent something that contains `x`; `S: x` says a line; `raw x` says x as it stands; `eof`
/// closes. `\r\n`, written out, stands for CRLF; everything after the script's end is read and not answered.
final class ScriptedIMAPServer: Sendable {
    private let channel: any Channel
    let port: Int
    private let heard: Transcript

    /// What clients sent, all of it.
    var transcript: [UInt8] { heard.bytes }

    init(_ script: String) async throws {
        let heard = Transcript()
        let lines = script.split(separator: "\n").map(String.init)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptedHandler(lines, heard))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.heard = heard
        port = channel.localAddress?.port ?? 0
    }

    func close() async { try? await channel.close() }

    /// The beginning of a session in clear: greeting, login, capabilities.
    static func login(_ capabilities: String) -> String {
        """
        S: * OK ready
        C: L1 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: L1 OK done
        C: L2 LOGIN
        S: L2 OK done
        C: L3 CAPABILITY
        S: * CAPABILITY IMAP4rev1 \(capabilities)
        S: L3 OK done

        """
    }
}

/// Plays one connection's script.
private final class ScriptedHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var lines: ArraySlice<String>
    private let heard: Transcript
    private var unread: [UInt8] = []

    init(_ lines: [String], _ heard: Transcript) {
        self.lines = lines[...]
        self.heard = heard
    }

    func channelActive(context: ChannelHandlerContext) { play(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data).readableBytesView
        heard.append(bytes)
        unread += bytes
        play(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func play(_ context: ChannelHandlerContext) {
        while let line = lines.first {
            let said = line.drop { $0 != " " }.dropFirst().replacing(#"\r\n"#, with: "\r\n")
            if line.hasPrefix("C: ") {
                guard let found = unread.firstRange(of: Array(said.utf8)) else { return }
                unread.removeSubrange(..<found.upperBound)
            } else if line.hasPrefix("S: ") {
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: said + "\r\n")), promise: nil)
            } else if line.hasPrefix("raw ") {
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: String(said))), promise: nil)
            } else if line == "eof" {
                context.close(promise: nil)
            }
            lines = lines.dropFirst()
        }
    }
}
