import Logging
import MailModel
import NIOCore
import SMTPProtocol
import Spool

/// What a session does about a message: may it come, where does it go, and what is the client told.
extension SMTPSessionHandler {
    func senderVerdict(_ parameters: MailParameters) -> SenderVerdict {
        if environment.writer.failed != nil { return .storeUnhealthy }
        let declared = min(parameters.declaredSize ?? 0, environment.protocolConfiguration.maximumMessageSize.bytes)
        return environment.space.hasRoom(for: declared) ? .accept : .storageLow
    }

    func recipientVerdict(_ recipient: MailAddress) -> RecipientVerdict {
        let verdict = environment.policy.verdict(on: recipient)
        if verdict != .accept {
            environment.statistics.refuseRecipient()
            environment.logger.notice(
                "recipient refused", metadata: ["client": "\(client)", "recipient": "\(recipient.text)", "why": "\(verdict)"])
        }
        return verdict
    }

    /// Gives the message its id, its trace line and a body to arrive in.
    func beginData(_ transaction: MailTransaction) -> SMTPServerStateMachine.Action {
        guard let eventLoop else { return machine.dataDecided(.storeUnhealthy) }
        if environment.writer.failed != nil { return machine.dataDecided(.storeUnhealthy) }
        let limit = environment.protocolConfiguration.maximumMessageSize.bytes
        let expected = min(transaction.parameters.declaredSize ?? 0, limit)
        guard environment.space.hasRoom(for: expected) else { return machine.dataDecided(.storageLow) }
        let now = environment.clock()
        let envelope = Envelope(
            id: environment.nextID(now: now), receivedAt: now, sender: transaction.sender,
            recipients: transaction.recipients.map(environment.policy.address(of:)), client: client,
            helo: machine.greeting?.name ?? "", transmission: machine.transmission, tls: machine.tls,
            is8BitMIME: transaction.parameters.body == .eightBitMIME)
        let body = IncomingBody(
            id: envelope.id, expectedSize: expected + 512, environment: environment.bodies, hasher: hasher, eventLoop: eventLoop)
        body.onRelief = { [weak self] in self?.releaseRead() }
        let trace = TraceHeader.line(for: envelope, hostname: environment.protocolConfiguration.hostname)
        trace.withUnsafeBytes { body.append($0) }
        environment.space.reserve(expected)
        incoming = IncomingMessage(
            envelope: envelope, body: body, decoder: DataDecoder(limit: limit), reservedBytes: expected, traceLength: trace.count)
        return machine.dataDecided(.proceed)
    }

    /// The message is whole: hands it to the writer; the answer comes in `committed`.
    func commit(_ message: IncomingMessage) {
        incoming = nil
        guard let eventLoop else { return }
        message.envelope.normalizedNewlines = message.decoder.findings.normalizedNewlines
        let envelope = message.envelope
        let size = message.decoder.findings.octets + message.traceLength
        let reserved = message.reservedBytes
        let environment = self.environment
        let this = NIOLoopBound(self, eventLoop: eventLoop)
        // The body lives until its file is whole; `finish` needs it.
        message.body.finish().assumeIsolated().whenComplete { result in
            switch result {
            case .failure(let error):
                environment.space.release(reserved)
                this.value.committed(envelope, size: size, failure: error as? SpoolError ?? SpoolError(code: .io, message: "\(error)"))
            case .success(let finished):
                environment.writer.submit(
                    MessageCommit(envelope: envelope, content: finished.content, digest: finished.digest) { failure in
                        environment.bodies.budget.giveBack(finished.budgetBytes)
                        environment.space.release(reserved)
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
            perform(machine.spoolFailed(failure.code == .noSpace ? .diskFull : .writeError))
        } else {
            environment.statistics.accept(bytes: size)
            logAcceptance(of: envelope, size: size)
            perform(machine.spoolCommitted(envelope.id))
        }
        resume()
    }

    private func logAcceptance(of envelope: Envelope, size: Int) {
        environment.logger.notice(
            "message accepted",
            metadata: [
                "id": .string(envelope.id.description), "client": .string(client), "helo": .string(envelope.helo),
                "from": .string(envelope.sender.text), "to": .string(envelope.recipients.prefix(5).map(\.text).joined(separator: ",")),
                "recipients": .stringConvertible(envelope.recipients.count), "size": .stringConvertible(size),
            ])
    }

    /// The message was read to its end, or given up, and is not taken.
    func refuseMessage(_ action: SMTPServerStateMachine.Action) {
        environment.statistics.refuseMessage()
        if let envelope = incoming?.envelope {
            environment.logger.notice(
                "message refused",
                metadata: ["client": "\(client)", "helo": "\(envelope.helo)", "from": "\(envelope.sender.text)"])
        }
        abandonMessage()
        perform(action)
    }

    /// Forgets a message that will not be accepted.
    func abandonMessage() {
        guard let message = incoming else { return }
        incoming = nil
        message.body.abandon()
        environment.space.release(message.reservedBytes)
    }
}
