import Logging
import MailModel
import NIOCore
import SMTPProtocol
import Spool
import SystemTLS

/// What is told of a refusal, and what becomes of a client that makes too many errors.
extension SMTPSessionHandler {
    /// Counts and logs a reply 4xx or 5xx. What concerns a mail or a limit is a notice; what concerns the protocol is for whoever looks
    /// closely.
    func noteRefusal(_ reply: SMTPReply) {
        environment.statistics.refuse(code: reply.code)
        let delays = machine.deservesDelay && mayHoldBack
        let limit = takeReachedLimit() ?? (delays ? .delayedErrors : nil)
        if let limit { environment.statistics.reach(limit) }
        // Also a message that is cut off by a timeout or by our end is one that was not taken.
        let message = refused ?? (reply.code == 421 ? incoming?.envelope : nil)
        let concernsProtocol =
            reply.enhancedCode?.subject == 5 && named.misspelt == nil || reply.code == 421 || named.isEmpty
        let isEveryday = message == nil && concernsProtocol && limit?.isEveryday != false
        var metadata: Logger.Metadata = [
            "client": .string(client), "helo": .string(machine.greeting?.name ?? ""),
            "from": .string(message?.sender.text ?? named.from),
            "to": .string(message?.recipients.textForLog ?? named.to),
            "code": .stringConvertible(reply.code),
            "reply": .string(reply.description),
        ]
        if let limit { metadata["limit"] = .string(limit.rawValue) }
        environment.logger.log(level: isEveryday ? .info : .notice, "refused", metadata: metadata)
        if delays { holdBack() }
    }

    /// The connection itself has failed.
    func note(_ error: any Error) {
        var metadata: Logger.Metadata = [
            "client": "\(client)", "error": "\(SystemErrorText.of(error, number: error.systemNumber))",
        ]
        if (error as? TLSError)?.code == .handshakeTimeout {
            environment.statistics.reach(.tlsHandshake)
            metadata["limit"] = "\(ReceiverLimit.tlsHandshake.rawValue)"
        }
        environment.logger.log(
            level: error is TLSError ? .info : .debug, "session ended by an error", metadata: metadata)
    }

    /// A limit was reached that the reply does not tell of.
    func note(_ limit: ReceiverLimit) {
        environment.statistics.reach(limit)
        environment.logger.info(
            "limit reached", metadata: ["client": .string(client), "limit": .string(limit.rawValue)])
    }

    /// The limit that the reply now being written tells of.
    func takeReachedLimit() -> ReceiverLimit? {
        let own = reached
        reached = nil
        return own ?? machine.takeReachedLimit().map(ReceiverLimit.init)
    }

    /// The addresses of a command, for the line of the log, should it be refused.
    func note(_ command: SMTPCommand) {
        named = NamedPaths(sender: machine.sender)
        switch command {
        case .mail(let path, _): named.sender = path
        case .rcpt(let address), .internationalRcpt(let address): named.recipient = address
        case .data, .bdat: named.recipients = machine.recipients
        case .malformed: named.misspelt = lineDecoder.misspelt
        default: break
        }
    }

    /// The connection is gone in the middle of a message: the one line that tells of it. Firewalls and wrong MTUs do that.
    func noteLostMessage() {
        guard let message = incoming else { return }
        environment.logger.notice(
            "connection lost in a message",
            metadata: [
                "client": .string(client), "helo": .string(machine.greeting?.name ?? ""),
                "from": .string(message.envelope.sender.text), "to": .string(message.envelope.recipients.textForLog),
                "octets": .stringConvertible(message.size),
            ])
    }

    /// False, and the session ends, where the client has sent more commands than any mail needs.
    func countCommand() -> Bool {
        commands += 1
        guard commands > environment.limits.commands else { return true }
        reached = .commands
        machine.connectionClosed()
        perform(.replyAndClose(.tooManyCommands))
        return false
    }

    private var mayHoldBack: Bool {
        delay == nil && !machine.isClosed && environment.limits.errorDelay > .zero && eventLoop != nil
    }

    /// Postpones the reply that is being written, and every further command.
    private func holdBack() {
        guard let eventLoop else { return }
        delay = eventLoop.assumeIsolated().scheduleTask(in: environment.limits.errorDelay) {
            self.delay = nil
            self.resume()
        }
    }

    func endDelay() {
        delay?.cancel()
        delay = nil
    }
}
