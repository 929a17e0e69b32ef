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
        if environment.space.hasRoom(for: declared) { return .accept }
        reached = .freeSpace
        return .storageLow
    }

    func recipientVerdict(_ recipient: MailAddress) -> RecipientVerdict {
        let verdict = verdictOfPolicy(recipient)
        if verdict != .accept { environment.statistics.refuseRecipient() }
        switch verdict {
        case .unknown, .deferred, .directoryUnavailable:
            environment.refused.note(
                recipient, from: named.from, client: client, network: network, isTemporary: verdict != .unknown,
                now: environment.clock())
        case .accept, .relayDenied, .disabled, .storageLow, .listed: break
        }
        return verdict
    }

    /// A client on a blocklist reaches postmaster and nobody else: it must be able to say that it is there by mistake.
    private func verdictOfPolicy(_ recipient: MailAddress) -> RecipientVerdict {
        if environment.policy.isRole(recipient) || isRoleOfThisHost(recipient) { return .accept }
        return listing.map { .listed(by: $0) } ?? environment.policy.verdict(on: recipient)
    }

    /// `postmaster@[192.0.2.25]`: at the address that the client is connected to, whatever the host is called (RFC 5321 §4.1.3, §4.5.1).
    private func isRoleOfThisHost(_ recipient: MailAddress) -> Bool {
        guard recipient.domain.hasPrefix("["), AddressRules.isRole(recipient.localPart) else { return false }
        let content = recipient.domain.dropFirst().dropLast()
        let address = content.hasPrefix("ipv6:") ? content.dropFirst(5) : content
        guard let bits = IPAddressBits(try? SocketAddress(ipAddress: String(address), port: 0)) else { return false }
        return bits == IPAddressBits(server)
    }

    /// Gives the message its id, its trace line and a body to arrive in.
    func beginData(
        _ transaction: MailTransaction, _ framing: DataDecoder.Framing
    ) -> SMTPServerStateMachine.Action {
        guard let eventLoop, environment.writer.failed == nil else { return machine.dataDecided(.storeUnhealthy) }
        let limit = environment.protocolConfiguration.maximumMessageSize.bytes
        let expected = min(transaction.parameters.declaredSize ?? 0, limit)
        guard let reservation = environment.space.reserve(declared: expected) else {
            reached = .freeSpace
            return machine.dataDecided(.storageLow)
        }
        let now = environment.clock()
        let envelope = Envelope(
            id: environment.nextID(now: now), receivedAt: now, sender: transaction.sender,
            recipients: environment.policy.addresses(of: transaction.recipients), client: client,
            helo: machine.greeting?.name ?? "", transmission: machine.transmission, tls: machine.tls,
            is8BitMIME: transaction.parameters.body == .eightBitMIME,
            isSMTPUTF8: transaction.parameters.isSMTPUTF8)
        let body = IncomingBody(
            id: envelope.id, expectedSize: expected, environment: environment.bodies, reservation: reservation,
            hasher: hasher, eventLoop: eventLoop)
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

    /// A chunk of BDAT is whole (RFC 3030 §2).
    func endChunk(isLast: Bool) {
        guard let message = incoming else { return perform(machine.chunkEnded(DataFindings(), failure: .writeError)) }
        if isLast { message.finish() }
        if message.lacksRoom { reached = .freeSpace }
        let action = machine.chunkEnded(message.findings, failure: message.lacksRoom ? .diskFull : nil)
        if machine.hasMessageInWork { perform(action) } else { end(message, action) }
    }

    /// A command, or a chunk that is too large, has ended a message that was coming in chunks.
    func forgetEndedMessage() {
        guard incoming != nil, !machine.hasMessageInWork else { return }
        environment.statistics.refuseMessage()
        abandonMessage()
    }

    /// The message was read to its true end, and the machine has said what it makes of it.
    func end(_ message: IncomingMessage, _ action: SMTPServerStateMachine.Action) {
        guard action == .commit else { return refuseMessage(action) }
        if message.headerOctets > environment.limits.headerSize.bytes {
            reached = .headerSize
            return refuseMessage(machine.messageRefused(.headersTooLong))
        }
        if message.hasTooLongLine {
            reached = .lineLength
            return refuseMessage(machine.messageRefused(.lineTooLong))
        }
        if message.lacksRoom {
            reached = .freeSpace
            return refuseMessage(machine.spoolFailed(.diskFull))
        }
        if message.isLooping(limit: environment.limits.receivedLines) {
            reached = message.hasTooManyHops(limit: environment.limits.receivedLines) ? .receivedLines : nil
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
