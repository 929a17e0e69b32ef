import IMAPProtocol
import NIOCore
import SystemTLS

/// Runs the two machines of a connection on its channel: login and commands, and one APPEND at a time.
///
/// Stays on its event loop. Every failure closes the channel, and only then completes what was waiting: whoever hears of it can rely on
/// no byte going out any more.
final class IMAPClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// An APPEND that runs.
    struct Appending {
        var machine: AppendStateMachine
        let upload: AppendUpload
        let promise: EventLoopPromise<AppendOutcome>
    }

    let limits: IMAPSessionLimits
    /// Begins TLS after STARTTLS.
    private let makeTLSHandler: (() throws -> TLSHandler)?
    private let isImplicitTLS: Bool
    var machine: IMAPClientStateMachine
    private var decoder: IMAPResponseDecoder
    private var assembler: IMAPResponseAssembler
    var context: ChannelHandlerContext?
    private var setup: EventLoopPromise<Void>?
    private var request: (any PendingRequest)?
    var appending: Appending?
    /// Writes are being made; one of them may call us again.
    var isPumping = false
    private var responseCount = 0
    private var responseOctets = 0
    /// How long each response to the running command may take.
    private var replyTime = TimeAmount.zero
    /// By when the running command must be through, however often the server says something.
    private var commandEnds = NIODeadline.distantFuture
    /// What the server wants a person to read (RFC 3501 §7.1: ALERT), each text once.
    private let onAlert: (@Sendable (String) -> Void)?
    private var alerts: Set<String> = []
    private static let alertsAtMost = 10
    /// When the server's certificate ends, in seconds since 1970; nil without TLS.
    private(set) var certificateEnds: Int?
    /// Why the connection is over, once it is.
    private(set) var failure: IMAPError?
    private(set) lazy var timer = DeadlineTimer(eventLoop: eventLoop) { [unowned self] in timedOut() }
    private let eventLoop: any EventLoop

    /// - Parameter setup: succeeds when commands may run; fails with an `IMAPError`.
    init(
        machine: IMAPClientStateMachine, limits: IMAPSessionLimits, isImplicitTLS: Bool,
        makeTLSHandler: (() throws -> TLSHandler)?,
        onAlert: (@Sendable (String) -> Void)? = nil, setup: EventLoopPromise<Void>
    ) {
        self.onAlert = onAlert
        self.machine = machine
        self.limits = limits
        self.isImplicitTLS = isImplicitTLS
        self.makeTLSHandler = makeTLSHandler
        self.setup = setup
        self.eventLoop = setup.futureResult.eventLoop
        decoder = IMAPResponseDecoder(limits: limits.protocolLimits)
        assembler = IMAPResponseAssembler(limits: limits.protocolLimits)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        beginAnswer()
        replyTime = limits.reply
        timer.allow(replyTime)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(IMAPError(connection: error))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let completed = event as? TLSHandshakeCompleted {
            certificateEnds = completed.peerCertificateEnds
            if !isImplicitTLS { perform(machine.handshakeCompleted()) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pump()
        context.fireChannelWritabilityChanged()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard failure == nil else { return }
        let bytes = unwrapInboundIn(data)
        responseOctets += bytes.readableBytes
        decoder.feed(bytes)
        do {
            while failure == nil, let event = try decoder.next() { receive(try assembler.receive(event)) }
        } catch {
            let error = IMAPError(connection: error)
            if appending != nil { performAppend { $0.receivedGarbage(error.description) } }
            fail(error)
        }
    }

    private func receive(_ action: IMAPResponseAssembler.Action) {
        switch action {
        case .none: break
        case .streamBegin(_, let size):
            request?.literalBegan(size: size)
        case .streamBytes(let bytes):
            responseOctets -= bytes.readableBytes
            // Time is given for what has come: a size that was only announced buys none.
            commandEnds = commandEnds + limits.allowance(.zero, octets: bytes.readableBytes)
            if request != nil { timer.allow(min(replyTime, commandEnds - eventLoop.now)) }
            request?.literalBytes(bytes)
        case .streamEnd: request?.literalEnded()
        case .response(let response): receive(response)
        }
    }

    private func receive(_ response: IMAPResponse) {
        responseCount += 1
        guard responseCount <= limits.responsesPerCommand, responseOctets <= limits.textPerCommand else {
            return fail(IMAPError(.protocolViolation, "The server's answer to one command does not end."))
        }
        tellAlert(response)
        if appending != nil {
            performAppend { $0.received(response) }
        } else {
            if request != nil || setup != nil { timer.allow(min(replyTime, commandEnds - eventLoop.now)) }
            perform(machine.received(response))
        }
    }
}

extension IMAPClientHandler {
    /// Runs a command; the future fails with an `IMAPError`.
    ///
    /// - Parameter reply: how long each response may take; nil: `limits.reply`.
    func run<Collector: ResponseCollector>(
        _ command: IMAPCommand, name: String, collector: Collector, reply: TimeAmount? = nil
    ) -> EventLoopFuture<Collector.Value> {
        let promise = eventLoop.makePromise(of: Collector.Value.self)
        do {
            try checkIdle()
            let action = try machine.run(command)
            request = CollectingRequest(name: name, collector: collector, promise: promise)
            beginAnswer()
            replyTime = reply ?? limits.reply
            timer.allow(replyTime)
            perform(action)
        } catch {
            promise.fail(IMAPError(connection: error))
        }
        return promise.futureResult
    }

    /// Throws unless a command may begin.
    func checkIdle() throws {
        if let failure { throw failure }
        guard request == nil, appending == nil else { throw IMAPError(IMAPClientError(.notReady, words: "")) }
    }

    func beginAnswer() {
        responseCount = 0
        responseOctets = 0
        commandEnds = eventLoop.now + limits.command
    }

    /// Not what was said in clear before STARTTLS: anybody can say that.
    private func tellAlert(_ response: IMAPResponse) {
        guard let onAlert, isImplicitTLS || makeTLSHandler == nil || certificateEnds != nil,
            let words = response.alert, alerts.count < Self.alertsAtMost, alerts.insert(words).inserted
        else { return }
        onAlert(words)
    }

    private func perform(_ action: IMAPClientAction) {
        switch action {
        case .wait: break
        case .write(let bytes): context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        case .startHandshake: startHandshake()
        case .ready:
            timer.stop()
            setup?.succeed()
            setup = nil
        case .untagged(let response): request?.untagged(response)
        case .complete(let tagged):
            timer.stop()
            let completed = request
            request = nil
            completed?.complete(tagged)
        case .fail(let error): fail(IMAPError(error))
        }
    }

    private func startHandshake() {
        // What stands behind the OK was said in clear, to be believed inside TLS.
        guard !decoder.hasPendingBytes, let makeTLSHandler, let context else {
            return fail(IMAPError(IMAPClientError(.responseInjection, words: "")))
        }
        do {
            try context.pipeline.syncOperations.addHandler(makeTLSHandler(), position: .first)
        } catch {
            fail(IMAPError(connection: error))
        }
    }

    private func timedOut() {
        if appending != nil { return performAppend { $0.timedOut() } }
        fail(IMAPError(.timedOut, "The server did not answer in time; it may be overloaded, or the network slow."))
    }

    /// The connection is gone.
    private func ended() {
        if appending != nil { performAppend { [failure] in $0.connectionClosed(failure?.description ?? "") } }
        if case .fail(let error) = machine.connectionClosed() { fail(IMAPError(error)) }
        fail(IMAPError(IMAPClientError(.connectionClosed, words: "")))
    }

    /// Closes the connection for this reason, then tells whoever waits. The first reason stands.
    func fail(_ error: IMAPError) {
        let first = failure ?? error
        failure = first
        timer.stop()
        if appending != nil { performAppend { $0.connectionClosed(first.description) } }
        let (setup, request) = (self.setup, self.request)
        self.setup = nil
        self.request = nil
        closeThen {
            setup?.fail(first)
            request?.fail(first)
        }
    }

    /// SO_LINGER is 0: nothing that the kernel still holds goes out.
    func closeThen(_ done: @escaping () -> Void) {
        guard let context else { return done() }
        context.close().assumeIsolated().whenComplete { _ in done() }
    }

    /// Gives the connection up, if it is not already, because an APPEND on it ended in a way that leaves it unusable.
    func abandon() {
        failure =
            failure ?? IMAPError(.connectionClosed, "The connection was closed after an APPEND that did not end well.")
        timer.stop()
    }
}

extension IMAPResponse {
    /// The text that the server wants shown.
    fileprivate var alert: String? {
        switch self {
        case .untagged(.condition(_, let text)), .untagged(.bye(let text)), .untagged(.preauth(let text)):
            text.code == .alert ? text.words : nil
        case .tagged(let tagged): tagged.text.code == .alert ? tagged.text.words : nil
        default: nil
        }
    }
}
