import TestKit
import Testing

/// The end-to-end tests are worth what the oracle sees.
@Suite("The oracle sees what is wrong")
struct DeliveryOracleTests {
    private static let id = "01jd5y0c8q3v6h2k9m4n7p1r5s"
    private static let mail = OutgoingMail(
        name: "sample", sender: "a@sender.test", recipients: ["u0@example.test"],
        content: Array("Subject: x\r\n\r\n.one\nline".utf8))

    private static func copy(
        uid: Int = 1, id: String = id, to: String = "u0@example.test", from: String = "a@sender.test",
        content: String = "Subject: x\r\n\r\n.one\r\nline\r\n"
    ) -> MailboxCopy {
        let head = "Return-Path: <\(from)>\r\nDelivered-To: <\(to)>\r\nX-Layover-Id: \(id)\r\n"
        let received =
            "Received: from sender.test ([127.0.0.1])\r\n\tby mx.test with ESMTP id \(id)\r\n\tfor <\(to)>; Sat, 21 Nov 2026 10:00:00 +0000\r\n"
        return MailboxCopy(uid: uid, internalDate: "", bytes: Array((head + received + content).utf8))
    }

    private static func faults(_ copies: [MailboxCopy], acknowledged: Bool = true) -> [String] {
        let oracle = DeliveryOracle()
        oracle.willSend(mail)
        if acknowledged { oracle.didAcknowledge(mail, id: id) }
        return oracle.faults(in: copies, mailbox: ["u0@example.test"], hostname: "mx.test")
    }

    @Test("One whole copy is right, also of a mail that was sent but not acknowledged")
    func right() {
        #expect(Self.faults([Self.copy()]) == [])
        #expect(Self.faults([Self.copy()], acknowledged: false) == [])
        #expect(Self.faults([], acknowledged: false) == [])
    }

    @Test(
        "A copy that is missing, doubled, altered, strange or in the wrong place is a fault",
        arguments: [
            ([], "missing"),
            ([copy(), copy(uid: 2)], "twice"),
            ([copy(content: "Subject: x\r\n\r\n.one\r\nlime\r\n")], "from octet"),
            ([copy(content: "Subject: x\r\n\r\n.one\r\nline\r\n\r\n")], "from octet"),
            ([copy(), copy(uid: 2, id: "01jd5y0c8q3v6h2k9m4n7p1r5t", content: "never sent\r\n")], "never sent"),
            ([copy(to: "u1@example.test")], "Delivered-To"),
            ([copy(from: "")], "Return-Path"),
            (
                [MailboxCopy(uid: 1, internalDate: "", bytes: Array("Subject: bare\r\n\r\n".utf8))],
                "not a mail that Layover has put here"
            ),
        ])
    func wrong(_ copies: [MailboxCopy], _ fault: String) {
        #expect(Self.faults(copies).contains { $0.contains(fault) }, "\(Self.faults(copies))")
    }

    @Test("Bare newlines are expected as normalised, and a last line has an end")
    func expected() {
        let mail = OutgoingMail(name: "", sender: "", recipients: [], content: Array("a\nb\rc\r\r\nd\r\n\n".utf8))
        #expect(String(decoding: mail.expected, as: UTF8.self) == "a\r\nb c \r\nd\r\n\r\n")
        #expect(OutgoingMail(name: "", sender: "", recipients: [], content: []).expected == [])
    }

    @Test("The same seed makes the same mail, another seed another")
    func seeded() {
        var (one, same, other) = (SampleMail(seed: 1), SampleMail(seed: 1), SampleMail(seed: 2))
        for _ in 0..<20 {
            let first = one.next(to: ["a@example.test"])
            #expect(first.content == same.next(to: ["a@example.test"]).content)
        }
        #expect(one.next(to: []).content != other.next(to: []).content)
    }
}
