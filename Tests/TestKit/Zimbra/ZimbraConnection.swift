import NIOCore
import Synchronization

/// One client of the stand-in: reads requests with their literals, counts what Zimbra throttles, and answers.
final class ZimbraConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let server: ZimbraServer
    /// The account, once logged in.
    var account: String?
    /// The folder that SELECT or EXAMINE opened.
    var selected: String?
    /// It was opened by EXAMINE.
    var isReadOnly = false
    /// An AUTHENTICATE without an initial response waits for its line.
    var authenticating: String?
    private var input: [UInt8] = []
    private var reading = PartialRequest()
    private var errors = 0
    private var repeats: (command: String, count: Int) = ("", 0)
    private var isOver = false
    private var isCounted = true
    private var idle: Scheduled<Void>?
    /// What is stored when the client has gone: a commit that waits for a lock.
    var zombie: [(store: @Sendable () -> Void, delay: TimeAmount)] = []

    /// A request of which not everything has come.
    private struct PartialRequest {
        var lines: [[UInt8]] = []
        var literals: [[UInt8]] = []
        var literal: [UInt8] = []
        /// Octets of the literal that are still to come.
        var missing = 0
        /// They are swallowed: the literal was too large.
        var isRefused = false
        var fault: ZimbraFault?

        var octets: Int { literals.reduce(literal.count) { $0 + $1.count } }
        var isAppend: Bool {
            lines.first.map { String(decoding: $0, as: UTF8.self).uppercased().contains(" APPEND ") } ?? false
        }
        var tag: String {
            lines.first.map { String(decoding: $0.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self) } ?? "*"
        }
    }

    init(_ server: ZimbraServer) { self.server = server }

    func channelActive(context: ChannelHandlerContext) {
        let count = server.state.withLock { state in
            state.connections += 1
            return state.connections
        }
        guard count <= server.settings.maximumConnections else {
            return bye(context, "closing connection; service busy")
        }
        say("* OK zimbra.test Zimbra IMAP4rev1 server ready", context)
        waitForMore(context)
    }

    /// Counts the connection out, once: a client that has been told may come back at once.
    func leave() {
        guard isCounted else { return }
        isCounted = false
        server.state.withLock { $0.connections -= 1 }
    }

    /// Ends the connection where nothing more comes.
    private func waitForMore(_ context: ChannelHandlerContext) {
        idle?.cancel()
        let settings = server.settings
        let time = account == nil ? settings.idleBeforeLoginMilliseconds : settings.idleMilliseconds
        idle = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(time)) { [self] in
            if !isOver { bye(context, "Zimbra IMAP4rev1 server closing connection") }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        idle?.cancel()
        for (store, delay) in zombie { context.eventLoop.scheduleTask(in: delay, store) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        input += unwrapInboundIn(data).readableBytesView
        waitForMore(context)
        while !isOver, takeLiteral(context), let end = input.firstIndex(of: UInt8(ascii: "\n")) {
            var line = Array(input[..<end])
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            input.removeSubrange(...end)
            received(line, context)
        }
    }

    /// False while octets of a literal are still to come.
    private func takeLiteral(_ context: ChannelHandlerContext) -> Bool {
        guard reading.missing > 0 else { return true }
        let taken = min(reading.missing, input.count)
        if !reading.isRefused { reading.literal += input[..<taken] }
        input.removeSubrange(..<taken)
        reading.missing -= taken
        if case .diesBeforeToken(let octets)? = reading.fault, reading.octets >= octets {
            die(context)
            return false
        }
        guard reading.missing == 0 else { return false }
        if reading.isRefused {
            // Swallowed, then refused; what was buffered behind it is dropped (imap/NioImapDecoder.java).
            say("\(reading.tag) BAD maximum message size exceeded", context)
            die(context)
            return false
        }
        reading.literals.append(reading.literal)
        reading.literal = []
        return true
    }

    private func received(_ line: [UInt8], _ context: ChannelHandlerContext) {
        if let tag = authenticating {
            authenticating = nil
            return authenticate(tag, String(decoding: line, as: UTF8.self), context)
        }
        reading.lines.append(line)
        guard reading.lines.reduce(0, { $0 + $1.count }) <= server.settings.maximumRequest else {
            say("\(reading.tag) BAD maximum request size exceeded", context)
            return die(context)
        }
        if let (octets, isSynchronizing) = Self.literal(at: line) {
            return announced(octets, isSynchronizing: isSynchronizing, context)
        }
        let done = reading
        reading = PartialRequest()
        guard let request = ZimbraRequest(lines: done.lines, literals: done.literals) else {
            return refuse(done.tag, "BAD parse error", context)
        }
        run(request, fault: done.fault, context)
    }

    private func announced(_ octets: Int, isSynchronizing: Bool, _ context: ChannelHandlerContext) {
        if reading.lines.count == 1, reading.isAppend, let account { reading.fault = server.nextFault(account) }
        let tag = reading.tag
        // An empty literal ends the request (imap/NioImapDecoder.java): it cancels nothing.
        guard octets > 0 else {
            reading = PartialRequest()
            return refuse(tag, "BAD zero-length message", context)
        }
        if octets > server.settings.maximumMessageSize {
            guard !isSynchronizing else {
                say("\(tag) BAD maximum message size exceeded", context)
                return die(context)
            }
            reading.isRefused = true
        }
        reading.missing = octets
        // Asked for before folder, quota and rights are looked at (imap/ImapHandler.java:2908).
        if isSynchronizing { say("+ send literal data", context) }
    }

    /// `{n}`, `{n+}` or `~{n}` at the end of a line.
    private static func literal(at line: [UInt8]) -> (octets: Int, isSynchronizing: Bool)? {
        guard line.last == UInt8(ascii: "}"), let open = line.lastIndex(of: UInt8(ascii: "{")) else { return nil }
        let text = String(decoding: line[(open + 1)..<(line.count - 1)], as: UTF8.self)
        return Int(text.hasSuffix("+") ? String(text.dropLast()) : text).map { ($0, !text.hasSuffix("+")) }
    }

    // MARK: What is counted

    private func run(_ request: ZimbraRequest, fault: ZimbraFault?, _ context: ChannelHandlerContext) {
        server.state.withLock { $0.commands[request.name, default: 0] += 1 }
        guard !isThrottled(request) else { return bye(context, "closing connection; too many repeated commands") }
        answer(request, fault: fault, context)
        // The login may have changed how long it waits.
        if !isOver { waitForMore(context) }
    }

    /// The same command again and again: an APPEND is the same where folder, flags, date and size are, whatever it holds
    /// (`AppendCommand.hasSameParams`; SharedImapTests.testAppendThrottle).
    private func isThrottled(_ request: ZimbraRequest) -> Bool {
        let counted = ["APPEND", "CREATE", "EXAMINE", "LIST", "SELECT", "UID FETCH", "UID SEARCH", "FETCH", "SEARCH"]
        guard counted.contains(request.name) else {
            repeats = ("", 0)
            return false
        }
        let parts = request.arguments.map { part in
            part.bytes.map { request.name == "APPEND" && $0.count > 64 ? "\($0.count) octets" : "\($0)" } ?? "\(part)"
        }
        let command = "\(request.name) \(parts)"
        repeats = (command, command == repeats.command ? repeats.count + 1 : 1)
        return repeats.count > server.settings.equalCommands
    }

    // MARK: Words back

    func say(_ line: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(NIOAny(ByteBuffer(string: line + "\r\n")), promise: nil)
    }

    func accept(_ tag: String, _ text: String, _ context: ChannelHandlerContext) {
        errors = 0
        say("\(tag) OK \(text)", context)
    }

    /// A NO or BAD. The fifth in succession ends the connection (`imap_max_consecutive_error`).
    func refuse(_ tag: String, _ text: String, _ context: ChannelHandlerContext) {
        say("\(tag) \(text)", context)
        errors += 1
        if errors >= server.settings.consecutiveErrors { bye(context, "Zimbra IMAP4rev1 server closing connection") }
    }

    func bye(_ context: ChannelHandlerContext, _ text: String) {
        server.state.withLock { $0.farewells += 1 }
        say("* BYE zimbra.test \(text)", context)
        die(context)
    }

    /// The connection ends; nothing that came behind is looked at.
    func die(_ context: ChannelHandlerContext) {
        isOver = true
        input = []
        context.close(promise: nil)
    }
}
