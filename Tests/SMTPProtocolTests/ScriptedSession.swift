import MailModel
import NIOCore
import SMTPProtocol

/// A session with everything around the machine that a handler has, but no socket, disk or clock: octets go in, reply
/// lines come out, and the answers of the receiver are given beforehand.
struct ScriptedSession {
    /// What stands in `output` when the session was closed.
    static let closed = "(closed)"

    var machine: SMTPServerStateMachine
    /// Reply lines that the client has not yet read.
    var output: [String] = []
    /// Replies since the beginning; a reply of several lines is one.
    private(set) var replyCount = 0
    /// Commands since the beginning; the end of DATA counts as one.
    private(set) var commandCount = 0
    /// BDAT commands among them.
    private(set) var chunkCount = 0
    /// Octets of refused chunks.
    private(set) var discardedOctets = 0
    /// Messages that were committed.
    private(set) var messages: [[UInt8]] = []
    private(set) var transactions: [MailTransaction] = []

    var senderVerdicts: [SenderVerdict] = []
    var recipientVerdicts: [RecipientVerdict] = []
    var dataVerdicts: [DataVerdict] = []
    /// What keeps the receiver from keeping a chunk, chunk by chunk.
    var chunkFailures: [SpoolFailure?] = []
    var commitAnswers: [CommitAnswer] = []
    var isTLSUnavailable = false
    /// The commit's answer is withheld until `finishCommit`.
    var isSpoolSlow = false

    enum CommitAnswer { case committed, failed(SpoolFailure), refused(MessageRefusal) }

    static let messageID = MessageID(milliseconds: 1_795_000_000_000, random: 0xABCD, 0x0123_4567_89AB_CDEF)

    private var input = ByteBuffer()
    private var lines: SMTPLineDecoder
    private var decoder: DataDecoder
    private var message: [UInt8] = []

    init(_ configuration: SMTPServerConfiguration) {
        machine = SMTPServerStateMachine(configuration: configuration)
        lines = SMTPLineDecoder(limits: configuration.limits, bareNewlines: configuration.bareNewlines)
        decoder = DataDecoder(limit: configuration.maximumMessageSize.bytes)
    }

    /// Octets that the server has not yet looked at.
    var bufferedOctets: Int { input.readableBytes }

    mutating func connect(_ verdict: ConnectionVerdict = .welcome) {
        perform(machine.connected(verdict, inputIsBuffered: input.readableBytes > 0))
        run()
    }

    /// Gives octets to the server in one segment.
    mutating func send(_ octets: some Sequence<UInt8>) {
        input.writeBytes(octets)
        run()
    }

    mutating func finishCommit() {
        isSpoolSlow = false
        answerCommit()
        run()
    }

    private mutating func run() {
        while input.readableBytes > 0 {
            if machine.isReceivingData {
                guard receiveData() else { return }
            } else if let left = machine.chunkOctetsLeft {
                receiveChunk(left)
            } else if machine.mayReceiveCommand {
                guard let command = lines.next(from: &input) else { return }
                commandCount += 1
                if case .bdat = command { chunkCount += 1 }
                perform(machine.commandReceived(command, moreInputIsBuffered: input.readableBytes > 0))
            } else {
                return
            }
        }
    }

    /// False when the message needs more input.
    private mutating func receiveData() -> Bool {
        let progress = input.withUnsafeReadableBytes { bytes in
            decoder.decode(bytes) { message.append(contentsOf: $0) }
        }
        switch progress {
        case .needsMoreInput:
            input.clear()
            return false
        case .ended(let consumed):
            input.moveReaderIndex(forwardBy: consumed)
            commandCount += 1
            perform(machine.dataEnded(decoder.findings))
        case .overflowed:
            commandCount += 1
            perform(machine.dataOverflowed())
        }
        return true
    }

    private mutating func receiveChunk(_ left: Int) {
        let count = min(left, input.readableBytes)
        let octets = input.readBytes(length: count) ?? []
        if machine.keepsChunk {
            _ = octets.withUnsafeBytes { bytes in decoder.decode(bytes) { message.append(contentsOf: $0) } }
        } else {
            discardedOctets += count
        }
        perform(machine.chunkOctetsReceived(count))
    }

    private mutating func endChunk(isLast: Bool) {
        if isLast { decoder.finish { message.append(contentsOf: $0) } }
        let failure = chunkFailures.isEmpty ? nil : chunkFailures.removeFirst()
        perform(machine.chunkEnded(decoder.findings, failure: failure))
    }

    mutating func perform(_ action: SMTPServerStateMachine.Action) {
        switch action {
        case .none: break
        case .reply(let reply): write(reply)
        case .replyAndClose(let reply):
            write(reply)
            output.append(Self.closed)
        case .replyAndFarewell(let reply, let farewell):
            write(reply)
            output += farewell.description.split(separator: "\n").map(String.init) + [Self.closed]
        case .close: output.append(Self.closed)
        case .checkSender:
            perform(machine.senderDecided(senderVerdicts.isEmpty ? .accept : senderVerdicts.removeFirst()))
        case .checkRecipient:
            perform(machine.recipientDecided(recipientVerdicts.isEmpty ? .accept : recipientVerdicts.removeFirst()))
        case .endChunk(let isLast): endChunk(isLast: isLast)
        case .beginData(let transaction, let framing):
            transactions.append(transaction)
            message = []
            decoder = DataDecoder(limit: machine.configuration.maximumMessageSize.bytes, framing: framing)
            perform(machine.dataDecided(dataVerdicts.isEmpty ? .proceed : dataVerdicts.removeFirst()))
        case .changeClient(let attributes): perform(machine.clientChanged(.welcome, attributes))
        case .commit: if !isSpoolSlow { answerCommit() }
        case .startTLS(let reply):
            if isTLSUnavailable { perform(machine.tlsUnavailable()) } else { write(reply) }
        }
    }

    private mutating func answerCommit() {
        switch commitAnswers.isEmpty ? .committed : commitAnswers.removeFirst() {
        case .committed:
            messages.append(message)
            perform(machine.spoolCommitted(Self.messageID))
        case .failed(let failure): perform(machine.spoolFailed(failure))
        case .refused(let refusal): perform(machine.messageRefused(refusal))
        }
    }

    private mutating func write(_ reply: SMTPReply) {
        replyCount += 1
        output += reply.description.split(separator: "\n").map(String.init)
    }
}
