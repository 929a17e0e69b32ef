// XCLIENT (Postfix's XCLIENT_README), for clients from named networks only. To anyone else it is no command.
//
//     C: XCLIENT ADDR=192.0.2.1 NAME=mail.sender.example
//     S: 220 mx1.example.com ESMTP Layover

extension SMTPCommand {
    static func xclient(_ scanner: inout SMTPArgumentScanner) -> SMTPCommand {
        let arguments = String(decoding: scanner.rest(), as: UTF8.self)
        return .xclient(scanner.isASCII ? XCLIENTAttributes(arguments) : nil)
    }
}

extension SMTPServerStateMachine {
    mutating func xclient(_ attributes: XCLIENTAttributes?) -> Action {
        guard offersXCLIENT else { return refuse(.unknownCommand) }
        guard transaction == nil else { return refuse(.nestedMail) }
        guard let attributes else { return refuse(.syntaxError(.argument)) }
        phase = .changingClient
        return .changeClient(attributes)
    }

    /// Answers `Action.changeClient`. The session is another client's now, as if it had just been connected: nothing that the one before
    /// has done counts. The answer is a new banner, or what the client would have been told instead of one.
    public mutating func clientChanged(_ verdict: ConnectionVerdict, _ attributes: XCLIENTAttributes) -> Action {
        guard phase == .changingClient else { return .none }
        if let refusal = verdict.refusal { return close(refusal) }
        resetTransaction()
        forgetErrors()
        mailCommands = 0
        greeting = attributes.helo.map { SMTPGreeting(name: $0, isExtended: attributes.isExtended ?? true) }
        return answer(configuration.banner)
    }
}

extension SMTPReply {
    /// An answer to EHLO that also names XCLIENT.
    var announcingXCLIENT: SMTPReply {
        SMTPReply(code, enhancedCode, lines[0], lines.dropFirst() + [XCLIENTAttributes.announcement])
    }
}
