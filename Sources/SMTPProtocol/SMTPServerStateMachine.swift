public import MailModel

/// The server's side of one SMTP session: events in, one `Action` out per event. No I/O, no clock.
///
/// The handler decodes a command only while `mayReceiveCommand` holds and reads message octets only while
/// `isReceivingData` does; so replies stay in the order of the commands however the client pipelines (RFC 2920).
/// After every error the session stands as if the command had not been given. An event that comes too late, such as a
/// verdict after the session's end, is answered with `.none`.
public struct SMTPServerStateMachine: Sendable {
    enum Phase: Hashable, Sendable {
        /// The banner is not sent. Leaves to `ready` or `closed`.
        case connecting
        /// Every command has its answer; the next one may come. Which commands are in order is told by `greeting` and
        /// `transaction`. Leaves to any other phase but `connecting`.
        case ready
        /// MAIL waits for its verdict. Leaves to `ready`, on acceptance with this transaction open.
        case senderPending(MailTransaction)
        /// RCPT waits for its verdict; a transaction is open. Leaves to `ready`.
        case recipientPending(MailAddress)
        /// DATA, or the first BDAT of a message, waits for its verdict; a transaction with a recipient is open. Leaves to
        /// `receivingData` or `ready`; with a chunk to `receivingChunk` or `discardingChunk`.
        case dataPending(SMTPChunk?)
        /// 354 was sent; octets are the message. Leaves to `committing`, `ready` or `closed`.
        case receivingData
        /// Octets are the message, so many more of them. Between two chunks the phase is `ready` and the transaction
        /// `isChunked`. Leaves to `ready`, `committing` or `closed`.
        case receivingChunk(SMTPChunk, left: Int)
        /// Octets are nothing, so many more of them; then comes this reply. Leaves to `ready` or `closed`.
        case discardingChunk(left: Int, SMTPReply, isError: Bool)
        /// The message is whole and with the spool; no transaction is open. Leaves to `ready` or `closed`.
        case committing
        /// STARTTLS was accepted; the handshake runs. Leaves to `ready`, knowing nothing of the client, or `closed`.
        case startingTLS
        /// A gateway has named another client, of whom the receiver decides. Leaves to `ready`, knowing nothing but what the
        /// gateway has said, or `closed`.
        case changingClient
        /// The last reply is decided. Nothing comes after it.
        case closed
    }

    public let configuration: SMTPServerConfiguration
    var phase = Phase.connecting
    /// EHLO or HELO, since the connection or since TLS began; nil before it.
    public internal(set) var greeting: SMTPGreeting?
    /// What `tlsEstablished(_:)` told of the connection; nil for a session in clear.
    public private(set) var tls: String?
    /// Open from an accepted MAIL to the end of DATA or of the last BDAT, a refused BDAT, RSET, EHLO or TLS.
    var transaction: MailTransaction?
    var chunks = ChunkAccount()

    /// The client is a gateway that may speak for others (XCLIENT).
    let offersXCLIENT: Bool

    /// Where set, so many errors end the session: the server has no room for clients that make them.
    public var stressedErrors: Int?
    private var errors = 0
    private var refusedRecipients = 0
    private var junkCommands = 0
    /// MAIL commands in the session, refused ones included, as MAILMAX counts them (RFC 9422 §5.1).
    var mailCommands = 0
    private var shutdown: ShutdownPatience?
    /// The limit that the reply which is due now, or next, tells of.
    var reached: SMTPLimit?

    public init(configuration: SMTPServerConfiguration, offersXCLIENT: Bool = false) {
        self.configuration = configuration
        self.offersXCLIENT = offersXCLIENT
    }
}

// MARK: What the handler may ask

extension SMTPServerStateMachine {
    /// The next line is to be decoded and given to `commandReceived`.
    public var mayReceiveCommand: Bool { phase == .ready }

    /// The next octets belong to the message: give them to a `DataDecoder`.
    public var isReceivingData: Bool { phase == .receivingData }

    /// The next octets belong to a chunk: so many are still to come, and each is to be told to `chunkOctetsReceived(_:)`. Nil
    /// while no chunk is read.
    public var chunkOctetsLeft: Int? {
        switch phase {
        case .receivingChunk(_, let left), .discardingChunk(let left, _, _): left
        default: nil
        }
    }

    /// The octets of the chunk belong to the message; otherwise they are thrown away.
    public var keepsChunk: Bool {
        if case .receivingChunk = phase { true } else { false }
    }

    /// What was received so far of a message may still become one: keep it.
    public var hasMessageInWork: Bool {
        switch phase {
        case .dataPending, .receivingData, .receivingChunk: true
        default: transaction?.isChunked == true
        }
    }

    /// An answer of the handler is due; input must wait.
    public var isAwaitingAnswer: Bool {
        switch phase {
        case .connecting, .senderPending, .recipientPending, .dataPending, .committing, .startingTLS, .changingClient:
            true
        case .ready, .receivingData, .receivingChunk, .discardingChunk, .closed: false
        }
    }

    public var isClosed: Bool { phase == .closed }

    /// MAIL was accepted and its transaction has not ended.
    public var isInTransaction: Bool { transaction != nil }

    /// The sender of the message that is being given; nil where none is.
    public var sender: ReversePath? { transaction?.sender }

    /// The recipients of the message that is being given; empty where none is.
    public var recipients: [MailAddress] { transaction?.recipients ?? [] }

    /// The limit that the reply now being written tells of; nil where it tells of none, and when asked again.
    public mutating func takeReachedLimit() -> SMTPLimit? {
        guard reached != nil else { return nil }
        defer { reached = nil }
        return reached
    }

    /// STARTTLS may be given.
    var offersSTARTTLS: Bool { configuration.offersSTARTTLS && tls == nil }

    /// The client has made so many errors that its replies should come with a delay, to make it stop.
    public var deservesDelay: Bool { errors >= configuration.limits.errorsBeforeDelay }

    /// The word for `with` in `Received:` and for `Envelope.transmission` (RFC 3848; RFC 6531 §4.3).
    public var transmission: String {
        guard greeting?.isExtended == true else { return "SMTP" }
        let word = transaction?.parameters.isSMTPUTF8 == true ? "UTF8SMTP" : "ESMTP"
        return tls == nil ? word : word + "S"
    }
}

// MARK: The session

extension SMTPServerStateMachine {
    /// The connection is there. `inputIsBuffered`: the client spoke before the banner, as only spamware does
    /// (RFC 5321 §4.3.1).
    public mutating func connected(_ verdict: ConnectionVerdict = .welcome, inputIsBuffered: Bool = false) -> Action {
        guard phase == .connecting else { return .none }
        if let refusal = verdict.refusal { return close(refusal) }
        if inputIsBuffered {
            reached = .earlyTalker
            return close(.improperPipelining)
        }
        if shutdown != nil { return close(.shuttingDown) }
        return answer(configuration.banner)
    }

    /// The client was silent or slow for longer than it may be. While an answer of ours is due nothing happens: the
    /// fault is not the client's, and a commit must still get its 250.
    public mutating func timedOut() -> Action {
        switch phase {
        case .closed, .committing, .senderPending, .recipientPending, .dataPending, .changingClient: .none
        case .startingTLS: closeSilently()
        case .connecting, .ready, .receivingData, .receivingChunk, .discardingChunk: close(.timedOut)
        }
    }

    /// The server goes down: 421 4.3.2 at once, or behind the answer that is due. May be called again with less patience.
    public mutating func shuttingDown(_ patience: ShutdownPatience) -> Action {
        shutdown = patience
        switch phase {
        case .ready: return patience == .untilMessageEnds && hasMessageInWork ? .none : close(.shuttingDown)
        case .receivingData, .receivingChunk, .discardingChunk:
            return patience == .none ? close(.shuttingDown) : .none
        // Nothing can be said before the handshake is done, and no message is in work.
        case .startingTLS: return closeSilently()
        default: return .none
        }
    }

    /// The client is gone. Nothing may be said any more; a commit in work may still end, its answer has no reader.
    public mutating func connectionClosed() {
        _ = closeSilently()
    }

    /// TLS is on. Everything known of the client is forgotten (RFC 3207 §4.2).
    /// - Parameter description: protocol and cipher, as `Envelope.tls` has them.
    public mutating func tlsEstablished(_ description: String) -> Action {
        guard phase == .startingTLS else { return .none }
        resetTransaction()
        greeting = nil
        tls = description
        phase = .ready
        return shutdown == nil ? .none : close(.shuttingDown)
    }

    /// The handshake failed, or the client left it. What was said in clear must not go on in clear.
    public mutating func tlsFailed() -> Action {
        guard phase == .startingTLS else { return .none }
        return closeSilently()
    }

    /// TLS could not be started and the 220 was not written: 454 4.7.0, and the session goes on in clear.
    public mutating func tlsUnavailable() -> Action {
        guard phase == .startingTLS else { return .none }
        return answer(.tlsUnavailable)
    }
}

// MARK: Replies and counts, for the verbs

extension SMTPServerStateMachine {
    /// The one place where a transaction ends.
    mutating func resetTransaction() {
        transaction = nil
    }

    /// The command has its answer; the next may come, unless the server goes down.
    mutating func answer(_ reply: SMTPReply) -> Action {
        guard shutdown == nil else {
            _ = closeSilently()
            return .replyAndFarewell(reply, farewell: .shuttingDown)
        }
        phase = .ready
        return .reply(reply)
    }

    /// The client made an error. The last one that it may make ends the session.
    mutating func refuse(_ reply: SMTPReply) -> Action {
        let endsSession = isLastError
        errors += 1
        guard endsSession else { return answer(reply) }
        reached = reached ?? .errors
        return close(.tooManyErrors)
    }

    /// The next error ends the session.
    private var isLastError: Bool { errors + 1 >= min(configuration.limits.errors, stressedErrors ?? .max) }

    /// The client asked for a recipient that it cannot have.
    ///
    /// - Parameter isTemporary: as many may be refused as can be accepted: cut off, the sender would come again with the same ones first, and
    ///   never get to those behind them.
    mutating func refuseRecipient(_ reply: SMTPReply, isTemporary: Bool) -> Action {
        refusedRecipients += 1
        let limits = configuration.limits
        let most = isTemporary ? max(limits.recipients, limits.refusedRecipients) : limits.refusedRecipients
        guard refusedRecipients >= most else { return answer(reply) }
        reached = .refusedRecipients
        return close(.tooManyErrors)
    }

    /// The command brings no mail forward; too many of its kind are errors.
    mutating func answerJunk(_ reply: SMTPReply) -> Action {
        junkCommands += 1
        guard junkCommands > configuration.limits.junkCommands else { return answer(reply) }
        // Told once, and again where it ends the session.
        if junkCommands == configuration.limits.junkCommands + 1 || isLastError { reached = .junkCommands }
        return refuse(reply)
    }

    /// A message was accepted: the client means well. Or it is another client from here on.
    mutating func forgetErrors() {
        (errors, refusedRecipients, junkCommands) = (0, 0, 0)
        chunks = ChunkAccount()
    }

    mutating func close(_ reply: SMTPReply) -> Action {
        _ = closeSilently()
        return .replyAndClose(reply)
    }

    mutating func closeSilently() -> Action {
        guard phase != .closed else { return .none }
        resetTransaction()
        phase = .closed
        return .close
    }

    /// The server goes down and waits for no message.
    var mustStopNow: Bool { shutdown == ShutdownPatience.none }
}
