import MailModel
import Testing

@testable import Layover

@Suite("The From line of an mbox")
struct MboxSeparatorTests {
    @Test(
        "Envelope sender and asctime of the reception in UTC",
        arguments: [
            ("anna@sender.example", "2026-11-21T10:00:00.123Z", "From anna@sender.example Sat Nov 21 10:00:00 2026\n"),
            ("", "2026-11-01T23:59:59Z", "From MAILER-DAEMON Sun Nov  1 23:59:59 2026\n"),
            ("\"a b\"@x.example", "2024-02-29T00:00:00Z", "From \"a_b\"@x.example Thu Feb 29 00:00:00 2024\n"),
        ])
    func line(sender: String, time: String, expected: String) throws {
        let envelope = Envelope(
            id: MessageID(high: 0, low: 1), receivedAt: try #require(Timestamp(rfc3339: time)),
            sender: ReversePath(text: sender), recipients: [], client: "", helo: "", transmission: "")
        #expect(MboxWriter.separator(envelope) == expected)
    }
}
