import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Stands between a replay and a real IMAP server in clear and breaks connections where a test says.
///
/// Which fault a connection suffers is decided when its LOGIN passes by: by the user, and by how many logins of that user came before.
public final class IMAPFaultProxy: Sendable {
    /// `(user, number of the user's login from 0)`.
    public typealias Plan = @Sendable (String, Int) -> IMAPFault

    private let channel: any Channel
    private let shared: ProxyState
    public let port: Int

    /// - Parameter poison: every connection is closed when this text comes by on its way to the server, and the piece with it is lost.
    public init(to serverPort: Int, cuttingAt poison: String? = nil, plan: @escaping Plan) async throws {
        let shared = ProxyState(plan: plan, poison: poison)
        self.shared = shared
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .channelOption(.autoRead, value: false)
                    .connect(host: "127.0.0.1", port: serverPort)
                    .flatMapThrowing { server in
                        let connection = ProxiedConnection(client: client, server: server, state: shared)
                        try client.pipeline.syncOperations.addHandler(RelayHandler(connection, .toServer))
                        try server.pipeline.syncOperations.addHandler(RelayHandler(connection, .toClient))
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    /// Logins of each user that passed by.
    public var logins: [String: Int] { shared.logins }

    /// The most connections that were open at once.
    public var mostAtOnce: Int { shared.mostAtOnce }

    /// APPEND commands that began.
    public var appendsBegun: Int { shared.appendsBegun }

    /// Octets of the last APPEND command that ended with an answer, its last CRLF included.
    public var appendOctets: Int { shared.appendOctets }

    public func close() async { try? await channel.close() }
}

/// What all connections of a proxy share.
final class ProxyState: Sendable {
    private struct Counts {
        var logins: [String: Int] = [:]
        var open = 0
        var mostAtOnce = 0
        var appendOctets = 0
        var appendsBegun = 0
    }

    private let plan: IMAPFaultProxy.Plan
    let poison: [UInt8]?
    private let counts = Mutex(Counts())

    init(plan: @escaping IMAPFaultProxy.Plan, poison: String?) {
        self.plan = plan
        self.poison = poison.map { Array($0.utf8) }
    }

    var logins: [String: Int] { counts.withLock { $0.logins } }
    var mostAtOnce: Int { counts.withLock { $0.mostAtOnce } }
    var appendOctets: Int { counts.withLock { $0.appendOctets } }
    var appendsBegun: Int { counts.withLock { $0.appendsBegun } }

    func opened() {
        counts.withLock {
            $0.open += 1
            $0.mostAtOnce = max($0.mostAtOnce, $0.open)
        }
    }

    func closed() { counts.withLock { $0.open -= 1 } }
    func beganAppend() { counts.withLock { $0.appendsBegun += 1 } }
    func answered(append octets: Int) { counts.withLock { $0.appendOctets = octets } }

    func fault(for user: String) -> IMAPFault {
        let number = counts.withLock { counts in
            defer { counts.logins[user, default: 0] += 1 }
            return counts.logins[user, default: 0]
        }
        return plan(user, number)
    }
}

/// The two halves of a connection. Both channels share one event loop, on which everything here happens.
final class ProxiedConnection {
    private let client: any Channel
    private let server: any Channel
    private let state: ProxyState
    private var fault = IMAPFault.none
    private var hasLogin = false
    private var hasAppend = false
    private var hasAnswer = false
    private var passed: [IMAPFault.Direction: Int] = [:]
    private var passedInAll: [IMAPFault.Direction: Int] = [:]
    private var kept = ByteBuffer()
    private var appendTag = ""
    private var isOver = false
    private var isCounted = true

    init(client: any Channel, server: any Channel, state: ProxyState) {
        (self.client, self.server, self.state) = (client, server, state)
        state.opened()
    }

    /// The client can be written to: before that, nothing is read from the server.
    func begin() {
        server.setOption(.autoRead, value: true).assumeIsolated().whenComplete { [server] _ in server.read() }
    }

    func received(_ bytes: ByteBuffer, _ direction: IMAPFault.Direction) {
        guard !isOver else { return }
        let seen = Array(bytes.readableBytesView)
        if direction == .toServer, let poison = state.poison, seen.firstRange(of: poison) != nil { return end() }
        var octetsBeforeAppend = 0
        if direction == .toServer, !hasAppend { octetsBeforeAppend = look(seen) }
        if direction == .toClient, hasAppend, !hasAnswer {
            hasAnswer = true
            state.answered(append: passed[.toServer, default: 0])
        }
        pass(bytes, direction, counted: hasAppend ? seen.count - octetsBeforeAppend : 0)
    }

    /// Finds LOGIN and APPEND, each of which comes in a piece of its own from a client that waits for its answers. Returns the octets
    /// before the word APPEND.
    private func look(_ seen: [UInt8]) -> Int {
        let text = String(decoding: seen.prefix(200), as: UTF8.self)
        if !hasLogin, let range = text.firstRange(of: " LOGIN ") {
            hasLogin = true
            let word = text[range.upperBound...].prefix { $0 != " " && $0 != "\r" }.filter { $0 != "\"" }
            fault = state.fault(for: String(word.prefix { $0 != "*" }))
        }
        if !hasLogin, let range = text.firstRange(of: " AUTHENTICATE PLAIN ") {
            hasLogin = true
            let word = text[range.upperBound...].prefix { $0 != "\r" && $0 != "\r\n" }
            let user = (Data(base64Encoded: String(word)) ?? Data()).split(separator: 0).first ?? Data()
            fault = state.fault(for: String(decoding: user, as: UTF8.self))
        }
        guard let range = text.firstRange(of: " APPEND ") else { return 0 }
        hasAppend = true
        appendTag = text[..<range.lowerBound].split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
        state.beganAppend()
        return text[..<range.lowerBound].utf8.count + 1
    }

    private func pass(_ bytes: ByteBuffer, _ direction: IMAPFault.Direction, counted: Int) {
        let before = passed[direction, default: 0]
        let all = passedInAll[direction, default: 0]
        passed[direction] = before + counted
        passedInAll[direction] = all + bytes.readableBytes
        switch fault {
        case .none: write(bytes, direction)
        case .delay(let milliseconds):
            client.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) { [self] in
                write(bytes, direction)
            }
        case .cut(direction, let octets, let fromAppend):
            let room = fromAppend ? room(bytes, octets, before, counted) : max(0, octets - all)
            write(bytes, direction, at: min(room, bytes.readableBytes))
            if room <= bytes.readableBytes, !fromAppend || hasAppend { end() }
        case .stall(direction, let octets):
            write(bytes, direction, at: min(room(bytes, octets, before, counted), bytes.readableBytes))
        case .zombie(let octets, _) where direction == .toServer:
            let room = min(room(bytes, octets, before, counted), bytes.readableBytes)
            write(bytes, direction, at: room)
            if let rest = bytes.getSlice(at: bytes.readerIndex + room, length: bytes.readableBytes - room) {
                kept.writeImmutableBuffer(rest)
            }
        case .lyingRefusal(let octets, let words, let milliseconds, let appends) where direction == .toServer:
            let room = min(room(bytes, octets, before, counted), bytes.readableBytes)
            write(bytes, direction, at: room)
            if let rest = bytes.getSlice(at: bytes.readerIndex + room, length: bytes.readableBytes - room) {
                kept.writeImmutableBuffer(rest)
            }
            // The token is two octets more than the message's last: the whole of it is there.
            if kept.readableBytes >= Self.tokenOctets, hasAppend {
                lie(words, afterMilliseconds: milliseconds, appends)
            }
        case .lyingRefusal: if !isOver { write(bytes, direction) }
        case .cut, .stall, .zombie: write(bytes, direction)
        }
    }

    private static let tokenOctets = 3

    private func lie(_ words: String, afterMilliseconds milliseconds: Int64, _ appends: Int) {
        isOver = true
        count()
        let answer = ByteBuffer(string: "\(appendTag) NO \(words)\r\n")
        client.writeAndFlush(answer).assumeIsolated().whenComplete { [client] _ in client.close(promise: nil) }
        sendLate(afterMilliseconds: milliseconds, appends)
    }

    private func sendLate(afterMilliseconds milliseconds: Int64, _ appends: Int) {
        guard state.appendsBegun < appends else { return sendLate(afterMilliseconds: milliseconds) }
        client.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(5)) { [self] in
            sendLate(afterMilliseconds: milliseconds, appends)
        }
    }

    /// What the server answers is read by nobody; its end of the line closes some time after it has committed.
    private func sendLate(afterMilliseconds milliseconds: Int64) {
        client.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) { [self] in
            server.writeAndFlush(kept, promise: nil)
            client.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { [self] in server.close(promise: nil) }
        }
    }

    /// Octets of this piece that still go through.
    private func room(_ bytes: ByteBuffer, _ octets: Int, _ before: Int, _ counted: Int) -> Int {
        guard hasAppend else { return bytes.readableBytes }
        return max(0, octets - before) + (bytes.readableBytes - counted)
    }

    private func write(_ bytes: ByteBuffer, _ direction: IMAPFault.Direction, at length: Int? = nil) {
        guard let slice = bytes.getSlice(at: bytes.readerIndex, length: length ?? bytes.readableBytes),
            slice.readableBytes > 0
        else { return }
        (direction == .toServer ? server : client).writeAndFlush(slice, promise: nil)
    }

    /// One side is gone.
    func ended(_ direction: IMAPFault.Direction) {
        if case .zombie(_, let milliseconds) = fault, direction == .toServer, !isOver, kept.readableBytes > 0 {
            isOver = true
            count()
            sendLate(afterMilliseconds: milliseconds)
            return
        }
        end()
    }

    private func end() {
        count()
        guard !isOver else { return }
        isOver = true
        client.close(promise: nil)
        server.close(promise: nil)
    }

    private func count() {
        if isCounted { state.closed() }
        isCounted = false
    }
}

/// Hands what one side sent to the connection.
private final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: ProxiedConnection
    private let direction: IMAPFault.Direction

    init(_ connection: ProxiedConnection, _ direction: IMAPFault.Direction) {
        self.connection = connection
        self.direction = direction
    }

    func channelActive(context: ChannelHandlerContext) {
        if direction == .toServer { connection.begin() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.received(unwrapInboundIn(data), direction)
    }
    func channelInactive(context: ChannelHandlerContext) { connection.ended(direction) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
