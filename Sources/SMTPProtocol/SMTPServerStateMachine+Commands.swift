extension SMTPServerStateMachine {
    /// A command line was decoded. `moreInputIsBuffered`: octets stand behind it that the client sent without waiting for
    /// the reply. Call only while `mayReceiveCommand` holds.
    public mutating func commandReceived(_ command: SMTPCommand, moreInputIsBuffered: Bool) -> Action {
        guard phase != .closed else { return .none }
        guard phase == .ready else { return close(.outOfStep) }
        if case .bdat = command {} else { chunks.refusal = nil }
        if moreInputIsBuffered, mustEndGroup(command) { return close(.improperPipelining) }
        return switch command {
        case .ehlo(let name): hello(SMTPGreeting(name: name, isExtended: true))
        case .helo(let name): hello(SMTPGreeting(name: name, isExtended: false))
        case .mail(let sender, let parameters): mail(sender, parameters)
        case .rcpt(let recipient): rcpt(recipient)
        case .internationalRcpt(let recipient): rcpt(recipient, isInternational: true)
        case .data: data()
        case .rset: rset()
        case .noop: noop()
        case .bdat(let chunk): bdat(chunk)
        case .vrfy: vrfy()
        case .expn: expn()
        case .help: help()
        case .quit: quit()
        case .starttls: starttls()
        case .xclient(let attributes): xclient(attributes)
        case .unimplemented: refuse(.notImplemented)
        case .unknown: refuse(.unknownCommand)
        case .foreign(let kind): close(kind == .tls ? .tlsOnPlainPort : .notMail)
        case .malformed(let error): malformed(error)
        }
    }

    /// The client must wait for the reply to these (RFC 2920 §3.1): the reply decides what the octets behind them are.
    /// A client that has not been offered PIPELINING by EHLO must wait at every step of a transaction.
    private func mustEndGroup(_ command: SMTPCommand) -> Bool {
        switch command {
        case .ehlo, .helo, .data, .starttls: true
        // To others it is no command.
        case .xclient: offersXCLIENT
        case .mail, .rcpt, .internationalRcpt: greeting?.isExtended != true
        default: false
        }
    }

    private mutating func malformed(_ error: SMTPSyntaxError) -> Action {
        let reply = SMTPReply.syntaxError(error)
        // What follows such a line may be anything.
        if error == .endlessLine { reached = .commandLine }
        if error == .endlessLine || error == .chunk || error == .bareLineFeed { return close(reply) }
        if error == .lineTooLong { reached = .commandLine }
        if error == .recipient || error == .relayPath || error == .recipientParameter {
            transaction?.hasRefusedRecipients = true
        }
        return refuse(reply)
    }
}
