import Foundation
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("Audit")
struct AuditQueryTests {
    private func fixture() throws -> LedgerFixture {
        let fixture = try LedgerFixture()
        fixture.spool.receive(
            from: "boss@example.net", to: ["anna@example.com"], subject: "Budget 100%", messageID: "<one@example.net>")
        fixture.spool.receive(
            from: "", to: ["bert@example.com", "a@example.com"], subject: "Bounce", length: 9_000, client: "2001:db8::1"
        )
        fixture.spool.receive(from: "Boss@Example.net", to: ["anyone@catch.example"], subject: "budget_2")
        fixture.spool.receive(
            from: "other@example.net", to: ["stranger@nowhere.example"], subject: "=?utf-8?Q?=C3=A4?=")
        let dropped = fixture.spool[3].id
        fixture.spool.journal(.dropped(id: dropped, recipient: "", why: "spam"))
        try fixture.ledger.catchUp()
        return fixture
    }

    private func subjects(_ fixture: LedgerFixture, _ change: (inout AuditFilter) -> Void) throws -> [String?] {
        var filter = AuditFilter()
        change(&filter)
        return try fixture.ledger.audit(filter).map(\.subject)
    }

    @Test("each filter finds its deliveries, newest first")
    func filters() throws {
        let fixture = try fixture()
        #expect(try subjects(fixture) { _ in } == ["ä", "budget_2", "Bounce", "Bounce", "Budget 100%"])
        #expect(try subjects(fixture) { $0.to = "ANNA@example.com" } == ["Budget 100%"])
        #expect(try subjects(fixture) { $0.to = "@catch.example" } == ["budget_2"])
        #expect(try subjects(fixture) { $0.domain = "Example.com" } == ["Bounce", "Bounce", "Budget 100%"])
        #expect(try subjects(fixture) { $0.from = "boss@example.NET" } == ["budget_2", "Budget 100%"])
        #expect(try subjects(fixture) { $0.from = "<>" } == ["Bounce", "Bounce"])
        #expect(try subjects(fixture) { $0.from = "unknown@example.net" } == [])
        #expect(try subjects(fixture) { $0.subject = "BUDGET" } == ["budget_2", "Budget 100%"])
        #expect(try subjects(fixture) { $0.subject = "0%" } == ["Budget 100%"])
        #expect(try subjects(fixture) { $0.subject = "t_2" } == ["budget_2"])
        #expect(try subjects(fixture) { $0.messageID = "one@example.net" } == ["Budget 100%"])
        #expect(try subjects(fixture) { $0.messageID = "<one@example.net>" } == ["Budget 100%"])
        #expect(try subjects(fixture) { $0.messageID = "two@example.net" } == [])
        #expect(try subjects(fixture) { $0.id = fixture.spool[1].id } == ["Bounce", "Bounce"])
        #expect(try subjects(fixture) { $0.mailbox = "a@example.com" } == ["Bounce", "Budget 100%"])
        #expect(try subjects(fixture) { $0.wave = "2" } == ["budget_2", "Bounce"])
        #expect(try subjects(fixture) { $0.larger = ByteCount(8_999) } == ["Bounce", "Bounce"])
        #expect(try subjects(fixture) { $0.larger = ByteCount(9_000) } == [])
        #expect(try subjects(fixture) { $0.client = "2001:db8::1" } == ["Bounce", "Bounce"])
        #expect(try subjects(fixture) { $0.state = .of(.dropped) } == ["ä"])
        #expect(try subjects(fixture) { $0.state = .of(.held) } == ["budget_2", "Bounce", "Bounce", "Budget 100%"])
        #expect(try subjects(fixture) { $0.state = .doubtful } == [])
        #expect(try subjects(fixture) { $0.limit = 2 } == ["ä", "budget_2"])
        let second = fixture.spool[1].envelope.receivedAt
        #expect(try subjects(fixture) { $0.since = second } == ["ä", "budget_2", "Bounce", "Bounce"])
        #expect(try subjects(fixture) { $0.until = second } == ["Budget 100%"])
    }

    @Test("filters are joined by and")
    func joined() throws {
        let fixture = try fixture()
        let second = fixture.spool[1].envelope.receivedAt
        #expect(
            try subjects(fixture) {
                $0.from = "boss@example.net"
                $0.since = second
            } == ["budget_2"])
        #expect(
            try subjects(fixture) {
                $0.to = "anna@example.com"
                $0.messageID = "one@example.net"
                $0.from = "boss@example.net"
                $0.mailbox = "m-anna"
                $0.state = .of(.held)
            } == ["Budget 100%"])
        #expect(
            try subjects(fixture) {
                $0.to = "anna@example.com"
                $0.mailbox = "m-bert"
            } == [])
    }

    @Test("a mailbox or wave that is not there is an error that names it")
    func unknownNames() throws {
        let fixture = try fixture()
        for change in [{ $0.mailbox = "nobody@example.com" }, { $0.wave = "17" }] as [(inout AuditFilter) -> Void] {
            #expect { try subjects(fixture, change) } throws: { ($0 as? LedgerError)?.code == .selection }
        }
    }

    @Test("mail that went to a mailbox stays its mail when the address moves on")
    func addressMoved() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["a@example.com"])
        fixture.spool.receive(to: ["a@example.com"])
        fixture.spool.journal(
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(id, to: "a@example.com")]),
            .delivered(batch: LedgerFixture.batch(1), uidValidity: 7, copies: [DeliveredCopy(id: id, uid: 1)]))
        var (anna, bert) = (LedgerFixture.anna, LedgerFixture.bert)
        anna.aliases = []
        bert.aliases.append("a@example.com")
        fixture.spool.journal(.mailboxSet(anna), .mailboxSet(bert))
        try fixture.ledger.catchUp()
        var filter = AuditFilter()
        filter.mailbox = "m-anna"
        #expect(try fixture.ledger.audit(filter).map(\.state) == [.delivered])
        filter.mailbox = "m-bert"
        #expect(try fixture.ledger.audit(filter).map(\.state) == [.held])
        #expect(try fixture.ledger.mailbox(named: "m-anna").counts.delivered == 1)
        #expect(try fixture.ledger.mailbox(named: "m-bert").counts.held == 1)
    }

    @Test("json has the fixed fields in order, null where nothing is known, and parses")
    func json() throws {
        let fixture = try fixture()
        var filter = AuditFilter()
        filter.to = "anna@example.com"
        let row = try #require(try fixture.ledger.audit(filter).first)
        let line = AuditFormat.json.line(row)
        var position = line.startIndex
        for field in AuditFormat.fields {
            let range = try #require(line[position...].range(of: "\"\(field)\":"))
            position = range.upperBound
        }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object.count == AuditFormat.fields.count)
        #expect(object["state"] as? String == "held" && object["uid"] is NSNull && object["size"] as? Int == 500)
        #expect(object["message_id"] as? String == "<one@example.net>" && object["attempts"] as? Int == 0)
        #expect(object["received_at"] as? String == "2027-01-15T08:00:00.000Z")
        #expect((object["sha256"] as? String)?.count == 64)
        #expect(line.hasSuffix("}\n") && line.filter { $0 == "\n" }.count == 1)
    }

    @Test(
        "JSON strings survive any text",
        arguments: ["", "\"\\/", "\u{0}\u{1f}\u{7f}", "\u{2028}ä𝄞", "a\r\nb\tc", "</script>"])
    func jsonStrings(text: String) throws {
        let parsed = try JSONSerialization.jsonObject(with: Data("[\(JSONText.string(text))]".utf8)) as? [String]
        #expect(parsed == [text])
    }

    @Test("csv quotes what it must and disarms formulas")
    func csv() {
        #expect(AuditValue.text("plain").csv == "plain")
        #expect(AuditValue.text(nil).csv == "")
        #expect(AuditValue.text("a,\"b\"").csv == "\"a,\"\"b\"\"\"")
        #expect(AuditValue.text("=cmd()").csv == "\"'=cmd()\"")
        #expect(AuditValue.number(7).csv == "7")
    }

    @Test("the table has a header and cuts long cells")
    func table() throws {
        let fixture = try fixture()
        let row = try #require(try fixture.ledger.audit(AuditFilter()).first)
        #expect(AuditFormat.table.header.hasPrefix("ID  "))
        #expect(AuditFormat.table.line(row).contains("stranger@nowhere.example"))
        #expect(TableText.line([("abcdef", 4), ("x\u{1b}[2J", 0)]) == "abc…  x [2J\n")
    }
}
