import MailModel
import Testing

@testable import Spool

@Suite("The envelope in a record")
struct EnvelopeLinesTests {
    private func envelope(_ recipients: [MailAddress], sender: ReversePath = .null) -> Envelope {
        Envelope(
            id: MessageID(high: 1, low: 2), receivedAt: Timestamp(milliseconds: 1_795_255_200_123), sender: sender,
            recipients: recipients, client: "2001:db8::1", helo: "[192.0.2.1]", transmission: "ESMTPS")
    }

    private func returned(_ envelope: Envelope) -> Envelope? {
        EnvelopeLines.encode(envelope).withUnsafeBytes { EnvelopeLines.decode($0, id: envelope.id) }
    }

    @Test(
        "Odd addresses come back as they were",
        arguments: [
            MailAddress(localPart: "\"a@b: c\\\" d\"", domain: "example.com"),
            MailAddress(localPart: "\" leading\"", domain: "example.com"),
            MailAddress(localPart: "用户", domain: "例え.jp"), MailAddress(localPart: "postmaster", domain: ""),
            MailAddress(localPart: "a%b!c", domain: "[IPv6:2001:db8::1]"),
            MailAddress(localPart: "e\u{301}", domain: "x.fr"),
            MailAddress(localPart: "é", domain: "x.fr"),
            MailAddress(localPart: String(repeating: "x", count: 5_000), domain: "y"),
            MailAddress(localPart: "Recipient: b@c", domain: "d"),
            MailAddress(localPart: "\u{200B}\u{2028}", domain: "d"),
        ])
    func oddAddresses(address: MailAddress) throws {
        let sent = envelope([address, MailAddress(localPart: "b", domain: "c")], sender: .address(address))
        let back = try #require(returned(sent))
        #expect(back == sent)
        // Equal strings may differ in their bytes; these must not.
        #expect(Array(back.recipients[0].text.utf8) == Array(address.text.utf8))
    }

    @Test("What was taken over from another spool says so, and when")
    func imported() {
        var sent = envelope([MailAddress(localPart: "b", domain: "c")])
        sent.importedAt = Timestamp(milliseconds: 1_795_255_300_456)
        #expect(returned(sent) == sent)
    }

    @Test("A thousand recipients keep their order")
    func manyRecipients() {
        let sent = envelope((0..<1_000).map { MailAddress(localPart: "r\(999 - $0)", domain: "example.com") })
        #expect(returned(sent) == sent)
    }

    @Test("Every field comes back")
    func everyField() {
        var sent = envelope([MailAddress(localPart: "a", domain: "b")])
        sent.tls = "TLSv1.3 TLS_AES_256_GCM_SHA384"
        sent.is8BitMIME = true
        sent.isSMTPUTF8 = true
        sent.normalizedNewlines = 17
        #expect(returned(sent) == sent)
    }

    @Test(
        "A control character cannot make a line of its own", arguments: ["\n", "\r\n", "\r", "\0", "\u{7F}", "\u{B}"])
    func controlCharacters(text: String) throws {
        var sent = envelope([MailAddress(localPart: "a\(text)Recipient: evil@example.com", domain: "b")])
        sent.helo = "x\(text)\(text)TLS: none"
        let back = try #require(returned(sent))
        #expect(back.recipients.count == 1)
        #expect(back.tls == nil)
    }
}
