public import NIOCore

/// Speaks TLS with the peer, as server or client: encrypted bytes on the side of the socket, clear ones on the other.
///
/// What the handlers behind it may rely on:
/// - No byte goes up before the handshake is done. Then one `TLSHandshakeCompleted` event comes, then data.
/// - What is written before waits, in order, up to `TLSLimits.pendingWriteBytes`.
/// - A connection that ends without the peer's close_notify gives `errorCaught` with `TLSError.Code.truncated`, then
///   `channelInactive`: what was unfinished must be discarded. `channelInactive` with no error before it is an honest end.
/// - After the peer's close_notify nothing is read any more, encrypted or not, and the channel is closed.
/// - Every failure is a `TLSError` through `errorCaught`, once, and the channel is closed.
/// - `close` sends our close_notify if the socket takes it at once, and closes in the next turn of the event loop: as
///   without TLS, what the socket has not taken by then is not sent.
///
/// ## STARTTLS
/// Whoever switches a running connection to TLS must believe nothing that came before the handshake (RFC 3207 §5,
/// CVE-2011-0411): bytes after the STARTTLS command, or after its reply on a client, may be an attacker's.
/// 1. Stop reading (`autoRead` off), and drop whatever clear text is buffered in decoders, or end the connection if there
///    is any. Do not *remove* a NIO `ByteToMessageHandler` to do so: it passes its leftovers on.
/// 2. A server writes and flushes its `220`.
/// 3. `pipeline.syncOperations.addHandler(TLSHandler(…), position: .first)`. It begins at once, a client with its
///    ClientHello, and asks for what it needs to read.
/// 4. Turn `autoRead` on again. Forget everything that was learned in clear (EHLO, CAPABILITY).
///
/// Bytes that a decoder behind this handler still holds from before are not known here and cannot be dropped here.
public final class TLSHandler: ChannelDuplexHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = ByteBuffer
    public typealias OutboundIn = ByteBuffer
    public typealias OutboundOut = ByteBuffer

    /// What is true of the connection now.
    enum State {
        /// The channel is not connected. Leaves to `.handshaking` when it is.
        case idle
        /// Clear text waits in both directions. Leaves to `.open` or, on any failure, `.closed`.
        case handshaking
        /// Data flows. Leaves to `.closed` by close_notify of either side, or a failure.
        case open
        /// Nothing goes up or down any more; the channel is closing or closed.
        case closed
    }

    let session: TLSSession
    let limits: TLSLimits
    /// What may still be said when the peer has ended; see `init(server:limits:allowsHalfClosure:)`.
    let allowsHalfClosure: Bool
    var state = State.idle
    var pending = PendingWrites()
    /// Our close_notify is out by `close(mode: .output)`; nothing may be written after it.
    var outputClosed = false
    /// The peer has ended its side, with or without close_notify; nothing of it is looked at any more.
    var inputClosed = false
    /// Clear text is being encrypted and handed on. Handing on may call us again (`channelWritabilityChanged`), and what is
    /// written then must not land in the middle of another write.
    var isEncrypting = false
    /// A flush came meanwhile.
    var flushDeferred = false
    /// Encrypted bytes that may wait for others: see `sendLastFlight`.
    var heldBytes = 0
    /// `channelRead` is at work: what is flushed meanwhile goes out at its end, so that an answer and what follows it at once, another
    /// one or our close_notify, are one write to the socket.
    var isReading = false
    /// Something was flushed meanwhile.
    var flushIsDue = false
    /// Somebody behind us asked for data and has not had any since.
    var readWanted = false
    /// Encrypted bytes since the last byte of data; see `TLSLimits.idleRecordBytes`.
    var idleBytes = 0
    var timeout: Scheduled<Void>?

    /// A server's end.
    ///
    /// - Parameter allowsHalfClosure: the peer may end its side and still hear the answer (RFC 8446 §6.1; RFC 5246 had asked
    ///   for an end of both, and its clients read on all the same). Its close_notify then comes up as
    ///   `ChannelEvent.inputClosed`, and an end without one as `TLSError.Code.truncated` with the channel still open for
    ///   writing: whoever is told either must see to it that the channel is closed. The channel must allow half-closure too.
    /// - Throws: `TLSError` when libssl has no memory.
    public init(
        server: TLSServerContext, limits: TLSLimits = TLSLimits(), allowsHalfClosure: Bool = false
    ) throws(TLSError) {
        self.allowsHalfClosure = allowsHalfClosure
        session = try TLSSession(server: server)
        self.limits = limits
    }

    /// A client's end.
    ///
    /// - Parameter host: the name that was configured, not what DNS made of it: the certificate must carry it. Also an
    ///   IP address, without brackets; it is then looked for among the certificate's addresses, and no SNI is sent.
    /// - Throws: `TLSError.Code.hostInvalid` when `host` can stand in no certificate.
    public init(client: TLSClientContext, host: String, limits: TLSLimits = TLSLimits()) throws(TLSError) {
        allowsHalfClosure = false
        session = try TLSSession(client: client, host: host)
        self.limits = limits
    }

    public func handlerAdded(context: ChannelHandlerContext) {
        // In the middle of a connection no channelActive will come.
        if context.channel.isActive { start(context) }
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        state = .closed
        timeout?.cancel()
        pending.fail(ChannelError.ioOnClosedChannel)
    }

    public func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    public func channelInactive(context: ChannelHandlerContext) {
        ended(context)
        pending.fail(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A FIN, where half closure is allowed; without it channelInactive comes.
        guard case .some(.inputClosed) = event as? ChannelEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        // With half-closure the end was told when it came inside TLS, or is told as an error.
        let isTold = allowsHalfClosure && state == .open
        ended(context)
        if !isTold { context.fireUserInboundEventTriggered(event) }
    }

    /// The peer's bytes are at their end. Only a close_notify makes that an honest one.
    private func ended(_ context: ChannelHandlerContext) {
        switch state {
        case .idle, .closed: break
        case .handshaking: fail(context, session.role.interrupted())
        case .open:
            guard allowsHalfClosure else { return fail(context, session.role.truncated()) }
            guard !inputClosed else { return }
            inputClosed = true
            context.fireErrorCaught(session.role.truncated())
        }
    }

    // MARK: Handshake

    private func start(_ context: ChannelHandlerContext) {
        guard case .idle = state else { return }
        state = .handshaking
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: limits.handshakeTimeout) { [self] in
            guard case .handshaking = state else { return }
            fail(context, session.role.timedOut(after: limits.handshakeTimeout.nanoseconds / 1_000_000_000))
        }
        shakeHands(context)
        // With autoRead off nobody else would ask for the peer's half.
        if case .handshaking = state { context.read() }
    }

    /// Takes the handshake as far as the input goes.
    func shakeHands(_ context: ChannelHandlerContext) {
        switch session.handshake() {
        case .needsInput: sendOutput(context)
        case .failed(let error): fail(context, error)
        case .done(let completed):
            sendLastFlight(context)
            state = .open
            timeout?.cancel()
            timeout = nil
            context.fireUserInboundEventTriggered(completed)
            writeFlushed(context)
        }
    }

    /// After the client's Finished a server of TLS 1.3 has only tickets to send (RFC 8446 §4.6.1). Nobody waits for them: they go out
    /// with the first answer, in one packet instead of two.
    private func sendLastFlight(_ context: ChannelHandlerContext) {
        if session.hasOnlyTicketsToSend { heldBytes = session.outputBytes } else { sendOutput(context) }
    }
}
