import Logging
import MailModel
import NIOCore
import SMTPProtocol
import Spool
import SystemTLS

/// One SMTP session: moves bytes between the channel, the state machine, the body and the writer.
///
/// Commands are decoded from `input` only while the machine may receive one; while an answer is due the rest waits there, and
/// beyond `ReceiverLimits.waitingInput` the socket is not read. Replies of a pipelined group go out in one write.
final class SMTPSessionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let environment: SessionEnvironment
    var machine: SMTPServerStateMachine
    private var lineDecoder: SMTPLineDecoder
    private var input = ByteBuffer()
    private var output = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var isProcessing = false
    /// A read that the channel wanted and that was put off.
    private var heldRead = false
    private var lastActivity = NIODeadline.now()
    private var idleCheck: Scheduled<Void>?
    private(set) var client = ""

    /// The message being received.
    var incoming: IncomingMessage?
    let hasher = SHA256Hasher()

    init(environment: SessionEnvironment) {
        self.environment = environment
        machine = SMTPServerStateMachine(configuration: environment.protocolConfiguration)
        lineDecoder = SMTPLineDecoder(limits: environment.protocolConfiguration.limits)
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        client = context.remoteAddress?.ipAddress ?? "unknown"
        let isAdmitted = environment.statistics.open(limit: environment.limits.sessions)
        if environment.writer.failed != nil {
            perform(machine.connected(.storeUnavailable))
        } else {
            perform(machine.connected(isAdmitted ? .welcome : .overloaded))
        }
        flushOutput()
        scheduleIdleCheck(after: environment.limits.idleTimeout)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        lastActivity = .now()
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeBuffer(&bytes)
        }
        process()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flushOutput()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if mustHoldReads {
            heldRead = true
        } else {
            context.read()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        machine.connectionClosed()
        abandonMessage()
        idleCheck?.cancel()
        environment.statistics.close()
        self.context = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A connection cut inside TLS, or reset, ends the message in work: nothing cut short is ever accepted.
        abandonMessage()
        environment.logger.debug("session ended by an error", metadata: ["client": "\(client)", "error": "\(error)"])
        if error is TLSError { perform(machine.tlsFailed()) }
        machine.connectionClosed()
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as TLSHandshakeCompleted:
            perform(machine.tlsEstablished(event.description))
            process()
            flushOutput()
        case SessionEvent.shuttingDown(let patience) as SessionEvent:
            perform(machine.shuttingDown(patience))
            flushOutput()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: Input

    /// Takes from the input whatever the machine may take now.
    private func process() {
        guard !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }
        while input.readableBytes > 0 {
            if machine.isReceivingData {
                guard receiveData() else { break }
            } else if machine.mayReceiveCommand {
                guard let command = lineDecoder.next(from: &input) else { break }
                perform(machine.commandReceived(command, moreInputIsBuffered: input.readableBytes > 0))
            } else {
                break
            }
        }
        if machine.isClosed { input.clear() }
        if input.readableBytes == 0 { input = ByteBuffer() } else { input.discardReadBytes() }
    }

    /// Goes on after an answer that came from elsewhere.
    func resume() {
        lastActivity = .now()
        process()
        flushOutput()
        releaseRead()
    }

    private var mustHoldReads: Bool {
        if machine.isAwaitingAnswer { return input.readableBytes >= environment.limits.waitingInput.bytes }
        return incoming?.body.mustWait ?? false
    }

    func releaseRead() {
        guard heldRead, !mustHoldReads else { return }
        heldRead = false
        context?.read()
    }

    /// Gives input to the decoder of the message. False when the input is used up or must wait.
    private func receiveData() -> Bool {
        guard let message = incoming else { return false }
        var progress = DataDecoder.Progress.needsMoreInput
        let available = input.readableBytes
        input.readWithUnsafeReadableBytes { bytes in
            progress = message.decoder.decode(bytes) { message.body.append($0) }
            if case .ended(let consumed) = progress { return consumed }
            return available
        }
        switch progress {
        case .needsMoreInput: return false
        case .overflowed:
            refuseMessage(machine.dataOverflowed())
            return false
        case .ended:
            let action = machine.dataEnded(message.decoder.findings)
            if action == .commit { commit(message) } else { refuseMessage(action) }
            return true
        }
    }

    // MARK: Actions

    func perform(_ first: SMTPServerStateMachine.Action) {
        var action = first
        while true {
            switch action {
            case .none, .commit: return
            case .reply(let reply): return write(reply)
            case .replyAndClose(let reply):
                write(reply)
                return closeAfterFlush()
            case .replyAndFarewell(let reply, let farewell):
                write(reply)
                write(farewell)
                return closeAfterFlush()
            case .close: return closeAfterFlush()
            case .checkSender(_, let parameters): action = machine.senderDecided(senderVerdict(parameters))
            case .checkRecipient(let recipient): action = machine.recipientDecided(recipientVerdict(recipient))
            case .beginData(let transaction): action = beginData(transaction)
            case .startTLS(let reply): return startTLS(reply)
            }
        }
    }

    private func write(_ reply: SMTPReply) {
        if reply.isRefusal {
            environment.logger.info(
                "refused", metadata: ["client": "\(client)", "helo": "\(machine.greeting?.name ?? "")", "reply": "\(reply)"])
        }
        if output.capacity == 0, let context { output = context.channel.allocator.buffer(capacity: 256) }
        reply.write(to: &output)
    }

    func flushOutput() {
        guard output.readableBytes > 0, let context else { return }
        let bytes = output
        output = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    private func closeAfterFlush() {
        abandonMessage()
        flushOutput()
        context?.close(promise: nil)
    }

    private func startTLS(_ reply: SMTPReply) {
        guard let context, let identity = environment.tls, let handler = try? TLSHandler(server: identity.current) else {
            return perform(machine.tlsUnavailable())
        }
        // What was sent in clear behind STARTTLS must never be taken for a command inside TLS (RFC 3207 §6).
        input.clear()
        lineDecoder = SMTPLineDecoder(limits: environment.protocolConfiguration.limits)
        write(reply)
        flushOutput()
        do {
            try context.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            perform(machine.tlsFailed())
        }
    }

    // MARK: Time

    /// One timer a session, not one a command: it looks when the client last spoke and waits for the rest.
    private func scheduleIdleCheck(after time: TimeAmount) {
        guard let context else { return }
        idleCheck = context.eventLoop.assumeIsolated().scheduleTask(in: time) { self.checkIdle() }
    }

    private func checkIdle() {
        let silent = NIODeadline.now() - lastActivity
        guard silent >= environment.limits.idleTimeout else {
            return scheduleIdleCheck(after: environment.limits.idleTimeout - silent)
        }
        perform(machine.timedOut())
        flushOutput()
        if !machine.isClosed { scheduleIdleCheck(after: environment.limits.idleTimeout) }
    }

    var eventLoop: (any EventLoop)? { context?.eventLoop }
}
