import MailModel
import Testing

@testable import Receiver

@Suite("The trace line")
struct TraceHeaderTests {
    private func envelope(
        helo: String = "mail.sender.example", client: String = "192.0.2.1", recipients: [String] = ["a@example.com"],
        tls: String? = nil
    ) -> Envelope {
        Envelope(
            id: MessageID(milliseconds: 1_795_255_200_000, random: 1, 2), receivedAt: Timestamp(seconds: 1_795_255_200),
            sender: .null, recipients: recipients.compactMap { MailAddress($0) }, client: client, helo: helo,
            transmission: tls == nil ? "ESMTP" : "ESMTPS", tls: tls)
    }

    private func line(_ envelope: Envelope) -> String {
        String(decoding: TraceHeader.line(for: envelope, hostname: "mx1.example.com"), as: UTF8.self)
    }

    @Test("One recipient, IPv4, in clear")
    func plain() {
        let envelope = envelope()
        #expect(
            line(envelope)
                == "Received: from mail.sender.example ([192.0.2.1])\r\n\tby mx1.example.com with ESMTP id \(envelope.id)"
                + "\r\n\tfor <a@example.com>; \(envelope.receivedAt.rfc5322)\r\n")
    }

    @Test("IPv6 is marked, TLS is told, several recipients are not named")
    func tls() {
        let text = line(
            envelope(
                client: "2001:db8::1", recipients: ["a@example.com", "b@example.com"],
                tls: "TLSv1.3 TLS_AES_256_GCM_SHA384"))
        #expect(text.hasPrefix("Received: from mail.sender.example ([IPv6:2001:db8::1])\r\n"))
        #expect(text.contains(" with ESMTPS id "))
        #expect(text.contains("\r\n\t(TLSv1.3 TLS_AES_256_GCM_SHA384); "))
        #expect(!text.contains("@"))
    }

    @Test(
        "What a client calls itself cannot leave its place",
        arguments: [
            "a\r\nX-Evil: 1", "a\u{1B}[31m", "a) (evil", "<a@b>", "a;b", "\u{202E}moc", "a b", "\"x\"", "(", "\\",
        ])
    func hostile(helo: String) {
        let text = line(envelope(helo: helo))
        let name = text.dropFirst("Received: from ".count).prefix { $0 != " " }
        #expect(name.utf8.allSatisfy { $0 == UInt8(ascii: "?") || $0 > 0x20 && $0 < 0x7F })
        #expect(!name.contains { "()<>;\"\\@".contains($0) })
        #expect(text.split(separator: "\r\n").count == 3)
    }

    @Test("A client without a name or with the longest one keeps the line within 998 octets")
    func lengths() {
        #expect(line(envelope(helo: "")).hasPrefix("Received: from unknown ([192.0.2.1])"))
        let longest = envelope(
            helo: String(repeating: "x", count: 255), client: "2001:db8:1111:2222:3333:4444:5555:6666",
            recipients: [String(repeating: "l", count: 64) + "@" + String(repeating: "d", count: 189)])
        #expect(line(longest).split(separator: "\r\n").allSatisfy { $0.utf8.count <= 998 })
    }
}
