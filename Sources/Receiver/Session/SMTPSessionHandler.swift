import Logging
import MailModel
import NIOCore
import SMTPProtocol
import Spool
import SystemTLS

/// One SMTP session: moves bytes between the channel, the state machine, the body and the writer.
///
/// Commands are decoded from `input` only while the machine may receive one; while an answer is due the rest waits there, and
/// beyond `ReceiverLimits.waitingInput` the socket is not read; nor is it while the disk or the client itself is behind.
/// Replies of a pipelined group go out in one write.
final class SMTPSessionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let environment: SessionEnvironment
    var machine: SMTPServerStateMachine
    var lineDecoder: SMTPLineDecoder
    var input = ByteBuffer()
    private var output = ByteBuffer()
    private(set) var context: ChannelHandlerContext?
    /// Nil before the connection is there.
    private(set) var share: LoopShare?
    var isProcessing = false
    /// The client has sent its FIN and may still read.
    var inputEnded = false
    /// A read that the channel wanted and that was put off.
    var heldRead = false
    /// When the client last brought the session on: a whole command, or enough of a message.
    var lastProgress = NIODeadline.uptimeNanoseconds(0)
    /// Octets of the message that have come since then.
    var dataSinceProgress = 0
    /// Ends the reading after a last reply.
    var lingerEnd: Scheduled<Void>?
    /// Octets that have come since the last reply; nil until then.
    var lingeringOctets: Int?
    var client = ""
    var network = ClientNetwork(nil)
    /// Whom a load balancer has named; nil: the socket's own address counts.
    private let namedClient: SocketAddress?
    private let namedServer: SocketAddress?
    /// The peer is a gateway that may name its clients (XCLIENT).
    let mayNameClients: Bool
    /// What the peer may call a message junk by.
    let verdicts: [JunkField]
    /// What the DNS calls the client, once it has answered.
    var clientName: String?
    /// The blocklist that names the client: only postmaster may be written to.
    var listing: String?
    /// Replies are held back until then: the client makes error after error.
    var delay: Scheduled<Void>?
    /// Commands since the last accepted message.
    var commands = 0
    var named = NamedPaths()
    /// The limit that the reply being written tells of, where the receiver has set it.
    var reached: ReceiverLimit?
    /// Clients that this session has been for: what the DNS says late of a former one does not count.
    var clientNumber = 0

    /// The message whose refusal is being written.
    var refused: Envelope?
    /// The message being received.
    var incoming: IncomingMessage?
    /// Made for the first message: many sessions bring none.
    private(set) lazy var hasher = SHA256Hasher()

    /// - Parameters:
    ///   - client: whom a load balancer has named.
    ///   - server: the address at which that client has found the load balancer.
    ///   - peer: who speaks, whatever client he names with XCLIENT: the rights of a gateway are his.
    init(
        environment: SessionEnvironment, client: SocketAddress? = nil, server: SocketAddress? = nil,
        peer: SocketAddress? = nil
    ) {
        self.environment = environment
        namedClient = client
        namedServer = server
        mayNameClients = environment.gateways.mayUseXCLIENT(peer)
        machine = SMTPServerStateMachine(
            configuration: environment.protocolConfiguration, offersXCLIENT: mayNameClients)
        verdicts = environment.gateways.verdicts(of: peer)
        lineDecoder = environment.lineDecoder
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        let share = environment.share(of: context.eventLoop)
        self.share = share
        noteProgress()
        greet(namedClient ?? context.remoteAddress)
        flushOutput()
        if !machine.isClosed { share.idleWatch.add(self) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if lingeringOctets != nil { return discardLingering(bytes.readableBytes) }
        countProgress(bytes.readableBytes)
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeBuffer(&bytes)
            share?.readBuffer.giveBack(bytes)
        }
        process()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flushOutput()
        context.fireChannelReadComplete()
    }

    /// A client that reads its replies again may send again.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        releaseRead()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !machine.isClosed { noteLostMessage() }
        machine.connectionClosed()
        abandonMessage()
        share?.idleWatch.remove(self)
        lingerEnd?.cancel()
        delay?.cancel()
        environment.admission.leave(network)
        environment.statistics.close()
        environment.noteSessions()
        self.context = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if (error as? TLSError)?.code == .truncated, machine.isAwaitingAnswer {
            // The message is whole, its final dot came inside TLS: the answer may still be heard.
            inputEnded = true
            return
        }
        noteLostMessage()
        // A connection cut inside TLS, or reset, ends the message in work: nothing cut short is ever accepted.
        abandonMessage()
        note(error)
        if error is TLSError {
            environment.statistics.failTLS()
            perform(machine.tlsFailed())
        }
        machine.connectionClosed()
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as TLSHandshakeCompleted:
            environment.statistics.beginTLS(event.description)
            perform(machine.tlsEstablished(event.description))
            resume()
        case ChannelEvent.inputClosed as ChannelEvent:
            inputEnded = true
            if lingeringOctets != nil { return context.close(promise: nil) }
            process()
            flushOutput()
        case SessionEvent.shuttingDown(let patience) as SessionEvent:
            perform(machine.shuttingDown(patience))
            flushOutput()
        case SessionEvent.stressChanged as SessionEvent: stressChanged()
        default: context.fireUserInboundEventTriggered(event)
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
                return closeAfterFlush(lingers: mayLeaveInput(reply))
            case .replyAndFarewell(let reply, let farewell):
                write(reply)
                write(farewell)
                return closeAfterFlush()
            case .close: return closeAfterFlush()
            case .checkSender(_, let parameters):
                action = machine.senderDecided(senderVerdict(parameters))
            case .checkRecipient(let recipient):
                action = machine.recipientDecided(recipientVerdict(recipient))
            case .changeClient(let attributes): return changeClient(attributes)
            case .beginData(let transaction, let framing): action = beginData(transaction, framing)
            case .endChunk(let isLast): return endChunk(isLast: isLast)
            case .startTLS(let reply): return startTLS(reply)
            }
        }
    }

    func write(_ reply: SMTPReply) {
        if reply.isRefusal {
            noteRefusal(reply)
        } else if let limit = takeReachedLimit() {
            note(limit)
        }
        reply.write(to: &output)
    }

    func flushOutput() {
        guard delay == nil, output.readableBytes > 0, let context else { return }
        let bytes = output
        output = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    private func startTLS(_ reply: SMTPReply) {
        guard let context, let identity = environment.tls,
            let handler = try? TLSHandler(server: identity.current, allowsHalfClosure: true)
        else {
            return perform(machine.tlsUnavailable())
        }
        // What was sent in clear behind STARTTLS must never be taken for a command inside TLS (RFC 3207 §5).
        input = ByteBuffer()
        lineDecoder = environment.lineDecoder
        write(reply)
        flushOutput()
        do {
            try context.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            perform(machine.tlsFailed())
        }
    }

    var eventLoop: (any EventLoop)? { context?.eventLoop }

    /// The address that the client has connected to.
    var server: SocketAddress? { namedServer ?? context?.localAddress }
}
