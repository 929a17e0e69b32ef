import Logging
import MailModel
import NIOCore
import NIOPosix
import SMTPProtocol
import Spool

#if canImport(Glibc)
import Glibc
#endif

/// What a session does about a message: may it come, where does it go, and what is the client told.
extension SMTPSessionHandler {
    func senderVerdict(_ parameters: MailParameters) -> SenderVerdict {
        if environment.writer.failed != nil { return .storeUnhealthy }
        let declared = min(parameters.declaredSize ?? 0, environment.protocolConfiguration.maximumMessageSize.bytes)
        return environment.space.hasRoom(for: declared) ? .accept : .storageLow
    }

    func recipientVerdict(_ recipient: MailAddress) -> RecipientVerdict {
        let verdict = verdictOfPolicy(recipient)
        if verdict != .accept { environment.statistics.refuseRecipient() }
        switch verdict {
        case .unknown, .deferred, .directoryUnavailable:
            environment.refused.note(
                recipient, from: sender ?? "", client: client, network: network, isTemporary: verdict != .unknown,
                now: environment.clock())
        case .accept, .relayDenied, .disabled, .storageLow, .listed: break
        }
        return verdict
    }

    /// A client on a blocklist reaches postmaster and nobody else: it must be able to say that it is there by mistake.
    private func verdictOfPolicy(_ recipient: MailAddress) -> RecipientVerdict {
        guard let listing, !environment.policy.isRole(recipient) else {
            return environment.policy.verdict(on: recipient)
        }
        return .listed(by: listing)
    }

    /// Gives the message its id, its trace line and a body to arrive in.
    func beginData(
        _ transaction: MailTransaction, _ framing: DataDecoder.Framing
    ) -> SMTPServerStateMachine.Action {
        guard let eventLoop, environment.writer.failed == nil else { return refuse(transaction, .storeUnhealthy) }
        let limit = environment.protocolConfiguration.maximumMessageSize.bytes
        let expected = min(transaction.parameters.declaredSize ?? 0, limit)
        guard let reservation = environment.space.reserve(expected) else { return refuse(transaction, .storageLow) }
        let now = environment.clock()
        let envelope = Envelope(
            id: environment.nextID(now: now), receivedAt: now, sender: transaction.sender,
            recipients: environment.policy.addresses(of: transaction.recipients), client: client,
            helo: machine.greeting?.name ?? "", transmission: machine.transmission, tls: machine.tls,
            is8BitMIME: transaction.parameters.body == .eightBitMIME,
            isSMTPUTF8: transaction.parameters.isSMTPUTF8)
        let body = IncomingBody(
            id: envelope.id, expectedSize: expected, environment: environment.bodies, hasher: hasher,
            eventLoop: eventLoop)
        body.onRelief = { [weak self] in self?.diskRelieved() }
        let trace = TraceHeader.line(
            for: envelope, hostname: environment.protocolConfiguration.hostname, clientName: clientName)
        trace.withUnsafeBytes { body.append($0) }
        incoming = IncomingMessage(
            envelope: envelope, body: body, decoder: DataDecoder(limit: limit, framing: framing),
            header: HeaderFilter(hostname: environment.hostname, verdicts: verdicts), reservation: reservation,
            lineLimit: environment.limits.lineLength.bytes, traceLength: trace.count)
        return machine.dataDecided(.proceed)
    }

    /// DATA is refused; the line of the log names the recipients.
    private func refuse(_ transaction: MailTransaction, _ verdict: DataVerdict) -> SMTPServerStateMachine.Action {
        recipient = transaction.recipients.textForLog
        return machine.dataDecided(verdict)
    }

    /// A chunk of BDAT is whole (RFC 3030 §2).
    func endChunk(isLast: Bool) {
        guard let message = incoming else { return perform(machine.chunkEnded(DataFindings(), failure: .writeError)) }
        if isLast { message.finish() }
        let action = machine.chunkEnded(message.findings, failure: message.lacksRoom ? .diskFull : nil)
        if machine.hasMessageInWork { perform(action) } else { end(message, action) }
    }

    /// A command, or a chunk that is too large, has ended a message that was coming in chunks.
    func forgetEndedMessage() {
        guard incoming != nil, !machine.hasMessageInWork else { return }
        environment.statistics.refuseMessage()
        // Where it is refused, the line of the log comes with the reply, behind the octets that are still to be thrown away.
        let recipients = incoming?.envelope.recipients.textForLog
        abandonMessage()
        recipient = recipients
    }

    /// The message was read to its true end, and the machine has said what it makes of it.
    func end(_ message: IncomingMessage, _ action: SMTPServerStateMachine.Action) {
        guard action == .commit else { return refuseMessage(action) }
        if message.headerOctets > environment.limits.headerSize.bytes {
            environment.statistics.reach(.headerSize)
            return refuseMessage(machine.messageRefused(.headersTooLong))
        }
        if message.hasTooLongLine {
            environment.statistics.reach(.lineLength)
            return refuseMessage(machine.messageRefused(.lineTooLong))
        }
        if message.lacksRoom { return refuseMessage(machine.spoolFailed(.diskFull)) }
        if message.isLooping(limit: environment.limits.receivedLines) {
            return refuseMessage(machine.messageRefused(.loop))
        }
        commit(message)
    }

    /// Hands the message to the writer; the answer comes in `committed`.
    private func commit(_ message: IncomingMessage) {
        incoming = nil
        guard let eventLoop else { return message.body.abandon() }
        let (envelope, size, reservation) = (message.envelope, message.size, message.reservation)
        let environment = self.environment
        let this = NIOLoopBound(self, eventLoop: eventLoop)
        message.body.finish().assumeIsolated().whenComplete { result in
            switch result {
            case .failure(let error):
                let failure = error as? SpoolError ?? SpoolError(code: .io, message: "\(error)")
                if failure.isOfTheDisk { environment.onDiskFailure(failure) }
                this.value.committed(envelope, size: size, failure: failure)
            case .success(let finished):
                environment.writer.submit(
                    MessageCommit(envelope: envelope, content: finished.content, digest: finished.digest) { failure in
                        environment.bodies.budget.giveBack(finished.budgetBytes)
                        if failure == nil {
                            reservation.spend(size)
                        } else {
                            environment.discard(finished.content, of: envelope.id)
                        }
                        eventLoop.execute { this.value.committed(envelope, size: size, failure: failure) }
                    })
            }
        }
    }

    /// The writer has answered, on this session's event loop.
    private func committed(_ envelope: Envelope, size: Int, failure: SpoolError?) {
        if let failure {
            environment.statistics.refuseMessage()
            environment.logger.error(
                "message not stored", metadata: ["id": "\(envelope.id)", "client": "\(client)", "error": "\(failure)"])
            refuse(envelope) { perform(machine.spoolFailed(failure.code == .noSpace ? .diskFull : .writeError)) }
        } else {
            environment.statistics.accept(bytes: size)
            commands = 0
            perform(machine.spoolCommitted(envelope.id))
        }
        resume()
        // The reply is on its way: the client does not wait for the log.
        if failure == nil { logAcceptance(of: envelope, size: size) }
    }

    private func logAcceptance(of envelope: Envelope, size: Int) {
        var metadata: Logger.Metadata = [
            "id": .string(envelope.id.description), "client": .string(envelope.client),
            "helo": .string(envelope.helo), "from": .string(envelope.sender.text),
            "to": .string(envelope.recipients.textForLog),
            "recipients": .stringConvertible(envelope.recipients.count), "size": .stringConvertible(size),
            "tls": .string(envelope.tls ?? "none"),
        ]
        if envelope.isJunk { metadata["verdict"] = "junk" }
        environment.logger.notice("message accepted", metadata: metadata)
    }

    /// The message was read to its end, or given up, and is not taken.
    func refuseMessage(_ action: SMTPServerStateMachine.Action) {
        environment.statistics.refuseMessage()
        let envelope = incoming?.envelope
        abandonMessage()
        if let envelope { refuse(envelope) { perform(action) } } else { perform(action) }
    }

    /// What is written in `body` is the answer to this message: the one notice that tells of it.
    private func refuse(_ envelope: Envelope, _ body: () -> Void) {
        refused = envelope
        body()
        refused = nil
    }

    /// Forgets a message that will not be accepted.
    func abandonMessage() {
        guard let message = incoming else { return }
        incoming = nil
        environment.statistics.discard(bytes: message.size)
        if !message.lacksRoom, let eventLoop { environment.admission.noteAbort(of: network, now: eventLoop.now) }
        message.body.abandon()
    }
}

extension [MailAddress] {
    /// The first of them: a line of the log is no place for a thousand.
    var textForLog: String { prefix(5).map(\.text).joined(separator: ",") }
}

extension SessionEnvironment {
    /// The writer has not taken the message. A large one has its file already, which goes, unless the record that names it may
    /// have reached the disk all the same: then a start would find a message without its bytes.
    fileprivate func discard(_ content: MessageCommit.Content, of id: MessageID) {
        guard case .large = content, writer.failed == nil else { return }
        bodies.filePool.submit { [bodies] _ in try? bodies.fileSystem.remove(bodies.layout.largeFile(id)) }
    }
}

extension SpoolError {
    /// The disk itself has failed, not this one file: nothing more is to be believed of it (Durability F4).
    fileprivate var isOfTheDisk: Bool {
        switch systemError {
        case EIO, EROFS, ENXIO, ENODEV, ESTALE, EUCLEAN: true
        default: false
        }
    }
}
