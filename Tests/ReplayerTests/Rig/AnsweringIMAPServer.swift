import NIOCore
import NIOPosix
import Synchronization

/// A server that answers each command by a rule, as often as it is asked, and stores nothing.
///
/// The rule gets the command's verb and gives lines; `TAG` stands for the command's tag. Without lines the command is answered OK.
/// It announces LITERAL+ and swallows what comes as such.
final class AnsweringIMAPServer: Sendable {
    typealias Rule = @Sendable (String) -> [String]

    private let channel: any Channel
    private let verbs: VerbCounts
    let port: Int

    /// How often each command came.
    func count(_ verb: String) -> Int { verbs[verb] }

    init(_ rule: @escaping Rule) async throws {
        let verbs = VerbCounts()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AnsweringHandler(rule, verbs))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.verbs = verbs
        port = channel.localAddress?.port ?? 0
    }

    func close() async { try? await channel.close() }
}

private final class VerbCounts: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    subscript(verb: String) -> Int { counts.withLock { $0[verb] ?? 0 } }
    func add(_ verb: String) { counts.withLock { $0[verb, default: 0] += 1 } }
}

private final class AnsweringHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let rule: AnsweringIMAPServer.Rule
    private let verbs: VerbCounts
    private var unread: [UInt8] = []
    /// The command whose literals are being swallowed: tag and verb.
    private var running: (tag: String, verb: String)?
    private var literal = 0

    init(_ rule: @escaping AnsweringIMAPServer.Rule, _ verbs: VerbCounts) {
        (self.rule, self.verbs) = (rule, verbs)
    }

    func channelActive(context: ChannelHandlerContext) {
        say(["* OK [CAPABILITY IMAP4rev1 LITERAL+ QUOTA] ready"], context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unread += unwrapInboundIn(data).readableBytesView
        while takeLiteral(), let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: unread[..<end], as: UTF8.self).filter { $0 != "\r" && $0 != "\r\n" }
            unread.removeSubrange(...end)
            received(line, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// False while octets of a literal are still to come.
    private func takeLiteral() -> Bool {
        let taken = min(literal, unread.count)
        unread.removeSubrange(..<taken)
        literal -= taken
        return literal == 0
    }

    private func received(_ line: String, _ context: ChannelHandlerContext) {
        let words = line.split(separator: " ").map(String.init)
        if running == nil, words.count > 1 { running = (words[0], words[1] == "UID" ? "UID FETCH" : words[1]) }
        if let open = line.lastIndex(of: "{"), line.hasSuffix("+}"),
            let octets = Int(line[open...].dropFirst().dropLast(2))
        {
            literal = octets
            return
        }
        guard let (tag, verb) = running else { return }
        running = nil
        verbs.add(verb)
        var answer = rule(verb)
        if answer.isEmpty {
            answer = verb == "CAPABILITY" ? ["* CAPABILITY IMAP4rev1 LITERAL+ QUOTA", "TAG OK done"] : ["TAG OK done"]
        }
        say(answer.map { $0.replacing("TAG", with: tag) }, context)
    }

    private func say(_ lines: [String], _ context: ChannelHandlerContext) {
        context.writeAndFlush(NIOAny(ByteBuffer(string: lines.map { $0 + "\r\n" }.joined())), promise: nil)
    }
}
