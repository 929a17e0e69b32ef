import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("Recipients without a mailbox")
struct RecipientCoverageTests {
    private func coverage(_ fixture: LedgerFixture, since: Timestamp? = nil) throws -> [RecipientCoverage] {
        try fixture.ledger.catchUp()
        return try fixture.ledger.coverage(since: since).recipients
    }

    @Test("Held mail for unknown recipients is counted with senders, clients and times, the most evident first")
    func held() throws {
        let fixture = try LedgerFixture()
        fixture.spool.receive(from: "a@net.test", to: ["info@example.com", "anna@example.com"], client: "192.0.2.1")
        fixture.spool.receive(from: "b@net.test", to: ["Info@example.com"], client: "192.0.2.2")
        fixture.spool.receive(from: "b@net.test", to: ["once@example.com"], client: "192.0.2.2")
        let last = fixture.spool.receive(from: "A@net.test", to: ["info@example.com"], client: "192.0.2.1")
        let found = try coverage(fixture)
        #expect(found.map(\.recipient) == ["info@example.com", "once@example.com"])
        let info = found[0]
        #expect((info.messages, info.held, info.senders, info.clients) == (3, 3, 2, 2))
        #expect(info.firstSeen == fixture.spool[0].envelope.receivedAt)
        #expect(info.lastSeen == fixture.spool[3].envelope.receivedAt && info.lastSender.lowercased() == "a@net.test")

        #expect(try coverage(fixture, since: fixture.spool[2].envelope.receivedAt).map(\.messages) == [1, 1])
        fixture.spool.journal(.dropped(id: last, recipient: "info@example.com", why: "spam"))
        #expect(try coverage(fixture).first?.held == 2)
        fixture.spool.journal(.assigned(address: "info@example.com", mailboxID: "m-anna", why: ""))
        #expect(try coverage(fixture).map(\.recipient) == ["once@example.com"])
    }

    @Test("Refused attempts come in beside, one who is known by now does not, and senders of both are counted once")
    func refused() throws {
        let fixture = try LedgerFixture()
        fixture.spool.receive(from: "a@net.test", to: ["info@example.com"], client: "192.0.2.1")
        let (early, late) = (Timestamp(milliseconds: 1_700_000_000_000), Timestamp(milliseconds: 1_900_000_000_000))
        func entry(last: Timestamp, _ senders: [String]) -> RefusedRecipient {
            RefusedRecipient(
                deferred: 1, rejected: 2, first: early, last: last, senders: DistinctNames(senders),
                clients: DistinctNames(["192.0.2.1"]), lastSender: senders[0])
        }
        try RefusedRecipientsFile(
            recipients: [
                "info@example.com": entry(last: late, ["a@net.test", "c@net.test"]),
                "anna+x@example.com": entry(last: late, ["a@net.test"]),
                "gone@example.com": entry(last: early, ["z@net.test"]),
            ], unlisted: 9
        ).write(layout: fixture.layout)
        let found = try coverage(fixture)
        #expect(found.map(\.recipient) == ["info@example.com", "gone@example.com"])
        let info = found[0]
        #expect((info.messages, info.deferred, info.rejected, info.senders, info.clients) == (1, 1, 2, 2, 1))
        #expect((info.firstSeen, info.lastSeen) == (early, late))
        #expect(try fixture.ledger.coverage().unlisted == 9)
        #expect(try coverage(fixture, since: late).map(\.recipient) == ["info@example.com"])
    }

    @Test("The formats carry the promised fields")
    func formats() throws {
        let at = Timestamp(milliseconds: 1_800_000_000_000)
        let one = RecipientCoverage(
            recipient: "=info@example.com", messages: 2, held: 1, deferred: 3, rejected: 4, senders: 5, clients: 6,
            firstSeen: at, lastSeen: at, lastSender: "")
        let json = one.line(.json)
        for field in [
            "\"recipient\":\"=info@example.com\"", "\"messages\":2", "\"held\":1", "\"deferred\":3", "\"rejected\":4",
            "\"senders\":5", "\"clients\":6", "\"first_seen\":\"\(at.rfc3339)\"", "\"last_sender\":\"\"",
        ] {
            #expect(json.contains(field), "\(field) in \(json)")
        }
        #expect(RecipientCoverage.header(.csv).hasPrefix("recipient,messages,held,deferred,rejected"))
        #expect(one.line(.csv).hasPrefix("\"'=info@example.com\",2,1,3,4,5,6,"))
        #expect(one.line(.table).contains("<>"))
    }
}
