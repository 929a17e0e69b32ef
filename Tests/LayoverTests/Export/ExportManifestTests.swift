import Ledger
import MailModel
import Spool
import Testing

@testable import Layover

@Suite("The manifest of an export")
struct ExportManifestTests {
    @Test("What was written is read back, whatever stands in the addresses")
    func roundTrip() throws {
        let sender = "\"a\\\"b\u{2028}ö\"@sender.example"
        let envelope = Envelope(
            id: MessageID(milliseconds: 1_790_000_000_000, random: 1, 2),
            receivedAt: Timestamp(milliseconds: 1_790_000_000_123), sender: ReversePath(text: sender),
            recipients: [
                MailAddress(localPart: "anna", domain: "example.com"), MailAddress(localPart: "日本", domain: "x.test"),
            ],
            client: "2001:db8::1", helo: "mx", transmission: "UTF8SMTPS", tls: "TLSv1.3", is8BitMIME: true,
            isSMTPUTF8: true, normalizedNewlines: 3, importedAt: Timestamp(milliseconds: 1_790_000_500_000))
        let position = SpoolPosition(segment: 1, offset: 85)
        let stored = SpooledMessage(
            position: position, end: position, envelope: envelope, length: 77, digest: .zero, isLarge: false)
        let outcome = MessageOutcome(
            sequence: 1, location: stored.location,
            deliveries: [
                .init(
                    state: .verified, isDoubtful: true, mailbox: "anna@example.com", uid: 7, uidValidity: 9,
                    deliveredAt: Timestamp(seconds: 1_790_000_001), verifiedAt: nil, lastError: nil),
                .init(state: .held, isDoubtful: false, mailbox: nil, lastError: "NO \"full\"\r\n"),
            ])
        let line = ExportManifestLine(
            ExportedMessage(outcome: outcome, stored: stored), recipient: nil, file: "\(envelope.id).eml")
        #expect(line.text.count { $0.isNewline } == 1)
        let read = try ExportManifestLine.decode(Array(line.text.utf8.dropLast()))
        #expect(read == line)
        #expect(
            read.eightBit && read.smtputf8 && read.sender == sender && read.recipients[1].lastError == "NO \"full\"\r\n"
        )
    }
}
