import MailModel
import SMTPProtocol
import Testing

@Suite("EHLO and HELO")
struct EHLOTests {
    @Test(
        "The name is taken loosely",
        arguments: ["mail.example.org", "[192.0.2.1]", "my laptop", "_x_", "a", "bücher.example"])
    func accepted(name: String) {
        #expect(SMTPCommand("EHLO \(name)") == .ehlo(name))
        #expect(SMTPCommand("helo   \(name)  ") == .helo(name))
    }

    @Test("A name of 255 octets is taken, one of 256 is not")
    func limit() {
        let name = String(repeating: "a", count: 255)
        #expect(SMTPCommand("EHLO \(name)") == .ehlo(name))
        #expect(SMTPCommand("EHLO \(name)a") == .malformed(.heloName))
        #expect(SMTPCommand("EHLO") == .malformed(.heloName))
        #expect(SMTPCommand("EHLO  ") == .malformed(.heloName))
    }

    @Test("A name that hides itself or turns the text around it is not taken", arguments: ["a\u{202E}b", "a\u{200B}"])
    func invisible(name: String) { #expect(SMTPCommand("EHLO \(name)") == .malformed(.notASCII)) }

    @Test(
        "Received: tells how the message came",
        arguments: [("HELO a", false, "SMTP"), ("EHLO a", false, "ESMTP"), ("EHLO a", true, "ESMTPS")])
    func transmission(line: String, overTLS: Bool, word: String) {
        var machine = SMTPServerStateMachine(
            configuration: SMTPServerConfiguration(
                hostname: "mx1.example.com", maximumMessageSize: .kib(1), offersSTARTTLS: true))
        _ = machine.connected()
        if overTLS {
            _ = machine.commandReceived(.ehlo("a"), moreInputIsBuffered: false)
            _ = machine.commandReceived(.starttls, moreInputIsBuffered: false)
            #expect(machine.isAwaitingAnswer)
            _ = machine.tlsEstablished("TLSv1.3")
            #expect(machine.greeting == nil)
        }
        _ = machine.commandReceived(SMTPCommand(line), moreInputIsBuffered: false)
        #expect(machine.transmission == word)
        #expect(machine.tls == (overTLS ? "TLSv1.3" : nil))
    }
}
