import MailModel
import SMTPProtocol
import Testing

@Suite("RCPT")
struct RCPTTests {
    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    /// `a.` labels that make a domain of so many octets.
    private static func domain(_ octets: Int) -> String {
        repeated("a.", (octets - 1) / 2) + (octets.isMultiple(of: 2) ? "aa" : "a")
    }

    @Test(
        "Recipients that are taken, as they were written",
        arguments: [
            "bob@example.com", "Bob.Smith+tag@example.com", "a@b", "\"two words\"@example.com", "\"\"@example.com",
            "\"a\\\"b\\\\@c\"@example.com", "bob@[192.0.2.1]", "bob@[ipv6:2001:db8::1]", "bob@[ipv6:::]",
            "bob@[ipv6:::1]", "bob@[ipv6:1::]", "bob@[ipv6:1:2:3:4:5:6:7:8]", "bob@[ipv6:::ffff:192.0.2.1]",
            "!#$%&'*+-/=?^_`{|}~@example.com", "bob@xn--exmple-cua.com", "bob@my_host.example.com", "1@2.3",
            "../../etc/x@example.com", "\"$(id)\"@example.com", "|cmd@example.com", "-f@example.com",
            "\(repeated("a", 242))@example.com", "a@\(repeated("b", 63)).com", "a@\(domain(252))",
            ".bob@example.com", "bob.@example.com", "b..b@example.com", ".@example.com",
            "prvs=4711abc=srs0=hhh=tt=sender.example=\(repeated("x", 60))@example.com",
        ])
    func accepted(address: String) {
        guard case .rcpt(let recipient) = SMTPCommand("RCPT TO:<\(address)>") else {
            Issue.record("refused: \(SMTPCommand("RCPT TO:<\(address)>"))")
            return
        }
        #expect(recipient.text == address)
    }

    @Test("With or without quotes it is the same mailbox, wherever the dots are", arguments: ["a..b", ".a", "a."])
    func dots(localPart: String) {
        let plain = SMTPCommand("RCPT TO:<\(localPart)@example.com>")
        #expect(plain == SMTPCommand("RCPT TO:<\"\(localPart)\"@example.com>"))
        #expect(plain == .rcpt(MailAddress(localPart: localPart, domain: "example.com")))
    }

    @Test("A parameter of RCPT is not supported, whatever its value", arguments: ["NOTIFY=NEVER", "X=", "X", "X=a=b"])
    func parameters(parameter: String) {
        #expect(SMTPCommand("RCPT TO:<bob@example.com> \(parameter)") == .malformed(.recipientParameter))
        #expect(SMTPCommand("RCPT TO:<bob@example.com> =\(parameter)") == .malformed(.parameterValue))
    }

    @Test("A bare postmaster is taken in any case", arguments: ["postmaster", "Postmaster", "POSTMASTER"])
    func postmaster(name: String) {
        #expect(SMTPCommand("RCPT TO:<\(name)>") == .rcpt(MailAddress(localPart: name, domain: "")))
    }

    @Test("The source route is dropped")
    func sourceRoute() {
        let bob = MailAddress(localPart: "bob", domain: "example.com")
        #expect(SMTPCommand("RCPT TO:<@a.example,@b.example:bob@example.com>") == .rcpt(bob))
        #expect(SMTPCommand("RCPT TO:<@a.example,bob@example.com>") == .malformed(.recipient))
        #expect(SMTPCommand("RCPT TO:<@a.example:>") == .malformed(.recipient))
    }

    @Test(
        "Recipients that are no addresses",
        arguments: [
            "", "bob", "@example.com", "$(id)@example.com", "bob@", "b b@example.com",
            "bob@.example.com", "bob@example..com", "bob@example.com.", "bob@-a.com", "bob@a-.com", "bob@a-",
            "bob@exa mple.com", "bob(comment)@example.com", "\"bob@example.com", "\"bob\"x@example.com", "bob@[]",
            "bob@[192.0.2]", "bob@[192.0.2.256]", "bob@[192.0.2.1", "bob@[192.0.2.1]x", "bob@[IPv6:1:2:3]",
            "bob@[IPv6:1::2::3]", "bob@[IPv6:fe80::1%eth0]", "bob@[IPv6::1]", "bob@[IPv6:1:2:3:4:5:6:7:8:9]",
            "bob@[IPv6:12345::]", "bob@[IPv6:::1.2.3]", "bob@[IPv6:1:2:3:4:5:6:7:8::]", "bob@[tag:x]",
            "\(repeated("a", 243))@example.com", "a@\(repeated("b", 64)).com", "a@\(domain(253))",
            "\(repeated("a", 64))@\(domain(190))",
        ])
    func refused(address: String) {
        #expect(SMTPCommand("RCPT TO:<\(address)>") == .malformed(.recipient))
    }

    @Test(
        "Recipients that ask for relaying by their form",
        arguments: ["a@b@c", "a@b@[192.0.2.1]", "a%b", "b!a", "\"a@b\"", "\"a%b\"", "\"a@b\"@c@d"])
    func relayForms(address: String) {
        #expect(SMTPCommand("RCPT TO:<\(address)>") == .malformed(.relayPath))
    }

    @Test("A routing local part in an address of ours is recognised")
    func routingLocalPart() {
        #expect(MailAddress(localPart: "a%b", domain: "example.com").hasRoutingLocalPart)
        #expect(MailAddress(localPart: "\"a@b\"", domain: "example.com").hasRoutingLocalPart)
        #expect(!MailAddress(localPart: "a+b", domain: "example.com").hasRoutingLocalPart)
    }

    @Test("A message has 1,000 recipients; the 1,001st is told 452, and the mail for the others goes through")
    func thousand() {
        var session = ScriptedSession(
            SMTPServerConfiguration(hostname: "mx1.example.com", maximumMessageSize: .kib(1)))
        session.connect()
        session.send("EHLO a\r\n".utf8)
        session.output = []
        let recipients = (1...1_001).map { "RCPT TO:<u\($0)@example.com>\r\n" }.joined()
        session.send("MAIL FROM:<>\r\n\(recipients)DATA\r\n".utf8)
        #expect(session.output.dropFirst().prefix(1_000).allSatisfy { $0.hasPrefix("250 2.1.5") })
        #expect(session.output.suffix(2).map { $0.prefix(9) } == ["452 4.5.3", "354 Send t"].map { $0.prefix(9) })
        session.send(".\r\n".utf8)
        #expect(session.output.last?.hasPrefix("250 2.0.0") == true)
        #expect(session.transactions.last?.recipients.count == 1_000)
    }

    @Test("A recipient given twice in two spellings is one recipient, spelled as at first")
    func repeatedRecipients() {
        var session = ScriptedSession(
            SMTPServerConfiguration(hostname: "mx1.example.com", maximumMessageSize: .kib(1)))
        session.connect()
        session.send("EHLO a\r\n".utf8)
        let recipients = [
            "Bob@example.com", "carol@example.com", "bob@EXAMPLE.com", "CAROL@example.com", "dan@example.com",
        ]
        session.send(("MAIL FROM:<>\r\n" + recipients.map { "RCPT TO:<\($0)>\r\n" }.joined() + "DATA\r\n").utf8)
        #expect(
            session.transactions.last?.recipients.map(\.text) == [
                "Bob@example.com", "carol@example.com", "dan@example.com",
            ])
    }
}
