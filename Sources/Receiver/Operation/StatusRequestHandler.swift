import NIOCore
import NIOHTTP1
import Synchronization

/// Answers one request and closes the connection.
final class StatusRequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let health: ReceiverHealth
    private let metrics: @Sendable () -> String
    private var isAnswering = false

    init(health: ReceiverHealth, metrics: @escaping @Sendable () -> String) {
        self.health = health
        self.metrics = metrics
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data), !isAnswering else { return }
        isAnswering = true
        guard Self.isOurs(head.headers["host"]) else {
            return answer(context, head, .misdirectedRequest, "ask for localhost or a loopback address\n")
        }
        guard head.method == .GET || head.method == .HEAD else {
            return answer(context, head, .methodNotAllowed, "GET and HEAD only\n", more: ["allow": "GET, HEAD"])
        }
        switch Self.path(of: head.uri) {
        case "/livez": answer(context, head, .ok, "ok\n")
        case "/metrics": answer(context, head, .ok, metrics(), "text/plain; version=0.0.4; charset=utf-8")
        case "/readyz":
            let this = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            health.check(on: context.eventLoop).whenSuccess { problems in
                let (handler, context) = this.value
                let text = problems.isEmpty ? "ready\n" : problems.map { "not ready: \($0)\n" }.joined()
                handler.answer(context, head, problems.isEmpty ? .ok : .serviceUnavailable, text)
            }
        default: answer(context, head, .notFound, "/metrics, /livez and /readyz are here\n")
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(
        _ context: ChannelHandlerContext, _ request: HTTPRequestHead, _ status: HTTPResponseStatus, _ text: String,
        _ type: String = "text/plain; charset=utf-8", more: HTTPHeaders = [:]
    ) {
        var headers: HTTPHeaders = [
            "content-type": type, "content-length": "\(text.utf8.count)", "cache-control": "no-store",
            "x-content-type-options": "nosniff", "connection": "close",
        ]
        headers.add(contentsOf: more)
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: request.version, status: status, headers: headers))),
            promise: nil)
        if request.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }

    /// Without the query; of `http://127.0.0.1:8026/livez`, which a server must take too (RFC 9112 §3.2.2), what follows the host.
    private static func path(of target: String) -> Substring {
        let path = target.prefix { $0 != "?" }
        guard path.lowercased().hasPrefix("http://") else { return path }
        return path.dropFirst("http://".count).drop { $0 != "/" }
    }

    /// A page of a foreign name that resolves to 127.0.0.1 would ask with that name (DNS rebinding). A request without Host comes
    /// from no browser.
    private static func isOurs(_ hosts: [String]) -> Bool {
        guard let host = hosts.first else { return true }
        guard hosts.count == 1 else { return false }
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return name == "[::1]" || name.lowercased() == "localhost"
            || (name.hasPrefix("127.") && (try? SocketAddress(ipAddress: String(name), port: 0)) != nil)
    }
}

/// Ends a connection whose request is too long or too slow.
final class StatusRequestGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let bytes: Int
    private let timeout: TimeAmount
    private var received = 0
    private var end: Scheduled<Void>?

    init(bytes: Int, timeout: TimeAmount) {
        self.bytes = bytes
        self.timeout = timeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        end = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytes
        guard received <= bytes else { return context.close(promise: nil) }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end?.cancel()
        context.fireChannelInactive()
    }
}

/// So many connections at once.
final class OpenConnections: Sendable {
    private let limit: Int
    private let count = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// False where there are too many; else it is counted until it is closed.
    func enter(_ channel: any Channel) -> Bool {
        guard count.add(1, ordering: .relaxed).newValue <= limit else {
            count.subtract(1, ordering: .relaxed)
            return false
        }
        channel.closeFuture.whenComplete { _ in self.count.subtract(1, ordering: .relaxed) }
        return true
    }
}
