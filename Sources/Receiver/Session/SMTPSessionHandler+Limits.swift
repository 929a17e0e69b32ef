import Logging
import MailModel
import NIOCore
import SMTPProtocol
import Spool

/// Who is let in, what is told of a refusal, and what becomes of a client that makes too many errors.
extension SMTPSessionHandler {
    /// Counts the client in. `address` is the one of the socket, or what a gateway has named.
    func admit(_ address: SocketAddress?) -> ConnectionVerdict {
        client = address?.ipAddress ?? "unknown"
        network = ClientNetwork(address)
        let (verdict, limit) = environment.admission.admit(network, now: eventLoop?.now ?? .now())
        environment.statistics.open(isWelcome: verdict == .welcome)
        environment.noteSessions()
        if let limit {
            environment.statistics.reach(limit)
            environment.logger.notice(
                "connection refused", metadata: ["client": "\(client)", "limit": "\(limit.rawValue)"])
        }
        return environment.writer.failed == nil ? verdict : .storeUnavailable
    }

    /// Lets the client in or turns it away; where blocklists are asked, once they have answered or their time is over.
    func greet(_ address: SocketAddress?) {
        let verdict = admit(address)
        guard let lookup = environment.lookup, let bits = IPAddressBits(address), !bits.isLoopback, let eventLoop else {
            return perform(machine.connected(verdict, inputIsBuffered: hasSpokenEarly))
        }
        let this = NIOLoopBound(self, eventLoop: eventLoop)
        if lookup.asksNames {
            // A gateway may have named another client before the answer comes.
            let asked = client
            lookup.name(of: bits, on: eventLoop).whenSuccess { name in
                if this.value.client == asked { this.value.clientName = name }
            }
        }
        guard verdict == .welcome, lookup.asksBlocklists else {
            return perform(machine.connected(verdict, inputIsBuffered: hasSpokenEarly))
        }
        lookup.listing(of: bits, on: eventLoop).whenSuccess { this.value.greet(listedBy: $0) }
    }

    private func greet(listedBy zone: String?) {
        if let zone {
            environment.statistics.reach(.blocklists)
            environment.logger.info(
                "client on a blocklist", metadata: ["client": "\(client)", "limit": "blocklists", "zone": "\(zone)"])
        }
        listing = zone
        // Who speaks while the lists are asked does not wait for the banner.
        perform(machine.connected(inputIsBuffered: hasSpokenEarly))
        resume()
    }

    /// The client has sent octets before the banner, read or still in the socket.
    private var hasSpokenEarly: Bool {
        if input.readableBytes > 0 { return true }
        guard !isBehindProxy, let context else { return false }
        return EarlyInput.isWaiting(context)
    }

    /// A gateway speaks for its client from here on.
    func changeClient(_ attributes: XCLIENTAttributes) -> SMTPServerStateMachine.Action {
        guard let text = attributes.address,
            let address = try? SocketAddress(ipAddress: text, port: attributes.port ?? 0)
        else { return machine.clientChanged(.welcome, attributes) }
        environment.admission.leave(network)
        environment.statistics.close()
        let gateway = client
        let verdict = admit(address)
        listing = nil
        clientName = attributes.name
        environment.logger.debug("client named by a gateway", metadata: ["client": "\(client)", "by": "\(gateway)"])
        return machine.clientChanged(verdict, attributes)
    }

    /// Counts and logs a reply 4xx or 5xx. What concerns a mail is a notice; what concerns the protocol is for whoever looks closely.
    func noteRefusal(_ reply: SMTPReply) {
        environment.statistics.refuse(code: reply.code)
        // Also a message that is cut off by a timeout or by our end is one that was not taken.
        let message = refused ?? (reply.code == 421 ? incoming?.envelope : nil)
        let concernsProtocol = message == nil && (reply.enhancedCode?.subject == 5 || reply.code == 421)
        environment.logger.log(
            level: concernsProtocol ? .info : .notice, "refused",
            metadata: [
                "client": .string(client), "helo": .string(machine.greeting?.name ?? ""),
                "from": .string(message?.sender.text ?? sender ?? ""),
                "to": .string(message?.recipients.textForLog ?? recipient ?? ""),
                "code": .stringConvertible(reply.code),
                "reply": .string(reply.description),
            ])
        if machine.deservesDelay { holdBack() }
    }

    /// The addresses of a command, for the line of the log, should it be refused.
    func note(_ command: SMTPCommand) {
        switch command {
        case .mail(let path, _): sender = path.text
        case .rcpt(let address), .internationalRcpt(let address): recipient = address.text
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
        environment.statistics.reach(.commands)
        environment.logger.notice("session ended", metadata: ["client": "\(client)", "limit": "commands"])
        machine.connectionClosed()
        perform(.replyAndClose(.tooManyErrors))
        return false
    }

    /// Postpones the reply that is being written, and every further command.
    private func holdBack() {
        guard delay == nil, !machine.isClosed, environment.limits.errorDelay > .zero, let eventLoop else { return }
        environment.statistics.reach(.delayedErrors)
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
