// EHLO and HELO (RFC 5321 §4.1.1.1)
//
//     C: EHLO mail.example.org
//     S: 250-mx1.example.com
//     S: 250-PIPELINING
//     S: 250-SIZE 26214400
//     S: 250-8BITMIME
//     S: 250-ENHANCEDSTATUSCODES
//     S: 250-CHUNKING
//     S: 250-SMTPUTF8
//     S: 250-LIMITS MAILMAX=999999 RCPTMAX=1000 RCPTDOMAINMAX=2
//     S: 250 STARTTLS

extension SMTPCommand {
    /// The argument is checked loosely, also for UTF-8: honest clients send all sorts of names, and nothing is decided by it.
    static func heloName(
        _ scanner: inout SMTPArgumentScanner, _ limits: SMTPLimits
    ) throws(SMTPSyntaxError) -> String {
        let name = scanner.rest()
        guard !name.contains(UInt8(ascii: "\t")) else { throw .controlCharacter }
        guard (1...limits.heloOctets).contains(name.count) else { throw .heloName }
        let text = String(decoding: name, as: UTF8.self)
        guard scanner.isASCII || InternationalText.isVisible(text) else { throw .notASCII }
        return text
    }
}

extension SMTPServerStateMachine {
    /// Ends an open transaction, as RSET does (RFC 5321 §4.1.4).
    mutating func hello(_ greeting: SMTPGreeting) -> Action {
        let isRepeated = self.greeting != nil
        resetTransaction()
        self.greeting = greeting
        let plain = reply(to: greeting)
        let reply = offersXCLIENT && greeting.isExtended ? plain.announcingXCLIENT : plain
        return isRepeated ? answerJunk(reply) : answer(reply)
    }

    private func reply(to greeting: SMTPGreeting) -> SMTPReply {
        guard greeting.isExtended else { return configuration.heloReply }
        return offersSTARTTLS ? configuration.ehloReplyWithSTARTTLS : configuration.ehloReply
    }
}
