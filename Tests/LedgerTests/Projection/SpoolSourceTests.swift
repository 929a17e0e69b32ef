import Foundation
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("The Ledger over a spool on disk")
struct SpoolSourceTests {
    private let base = LedgerFixture.anna

    private func receive(_ writer: SegmentWriter, _ envelope: Envelope, _ text: String) async throws {
        let body = MessageBody()
        body.append(Array(text.utf8))
        let hasher = SHA256Hasher()
        hasher.update(Array(text.utf8))
        let digest = hasher.finish()
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            writer.submit(
                MessageCommit(envelope: envelope, content: .memory(body), digest: digest) { error in
                    if let error { continuation.resume(throwing: error) } else { continuation.resume() }
                })
        }
    }

    @Test("messages and acts on disk are projected, proven, and projected again by a rebuild")
    func wholeWay() async throws {
        let layout = try LedgerFixture.makeLayout()
        defer { try? FileManager.default.removeItem(atPath: layout.directory) }
        let writer = try SegmentWriter(layout: layout)
        let journal = try Journal(layout: layout, by: "test")
        let ledger = try Ledger.open(layout: layout, role: .writer)
        try await journal.append([.mailboxSet(base)])
        var ids = MessageIDGenerator()
        var first: MessageID?
        for number in 0..<20 {
            let id = ids.next(now: .now())
            first = first ?? id
            let envelope = Envelope(
                id: id, receivedAt: .now(), sender: .null,
                recipients: [MailAddress("anna@example.com"), MailAddress("a@example.com")].compactMap { $0 },
                client: "::1", helo: "h", transmission: "ESMTP")
            try await receive(
                writer, envelope, "Subject: number \(number)\r\nMessage-ID: <\(number)@x>\r\n\r\nText\r\n")
        }
        try ledger.catchUp()
        let held = try ledger.heldMail(mailboxID: base.id, limit: 100)
        #expect(held.count == 20 && held[0].merged == ["a@example.com"])
        let bytes = try SpoolReader(layout: layout).bytes(of: held[3].location)
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("Subject: number 3\r\n"))

        let id = try #require(first)
        try await journal.append([
            LedgerFixture.intent(1, base, [LedgerFixture.entry(id, merged: ["a@example.com"])]),
            .delivered(batch: LedgerFixture.batch(1), uidValidity: 7, copies: [DeliveredCopy(id: id, uid: 40)]),
        ])
        let proof = try ledger.prove()
        #expect(proof.isBalanced && proof.accepted == 40 && proof.counts.delivered == 1 && proof.counts.merged == 1)
        var filter = AuditFilter()
        filter.messageID = "7@x"
        #expect(try ledger.audit(filter).map(\.subject) == ["number 7", "number 7"])

        writer.close()
        let before = try ledger.audit(AuditFilter())
        ledger.close()
        try Ledger.reindex(layout: layout)
        let rebuilt = try Ledger.open(layout: layout, role: .reader)
        #expect(try rebuilt.audit(AuditFilter()) == before)
        #expect(try rebuilt.prove().isBalanced)
        #expect(throws: LedgerError.self) { try rebuilt.catchUp() }
        rebuilt.close()
        journal.close()
    }
}
