import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("Held mail for replay")
struct HeldMailTests {
    @Test("mail comes in the order of arrival, each message once with all its recipients that mean the mailbox")
    func grouped() throws {
        let fixture = try LedgerFixture()
        let ids = [
            fixture.spool.receive(
                from: "", to: ["bert@example.com", "a@example.com", "anna+x@example.com", "anna@old.example"]),
            fixture.spool.receive(to: ["bert@example.com"]),
            fixture.spool.receive(to: ["anna@example.com"]),
        ]
        try fixture.ledger.catchUp()
        let held = try fixture.ledger.heldMail(mailboxID: "m-anna", limit: 10)
        #expect(held.map(\.id) == [ids[0], ids[2]])
        #expect(held[0].recipient == "a@example.com" && held[0].merged == ["anna+x@example.com", "anna@old.example"])
        #expect(held[0].sender.isEmpty && held[0].length == 500 && held[0].digest == fixture.spool[0].digest)
        #expect(
            held[0].location == fixture.spool[0].location && held[0].receivedAt == fixture.spool[0].envelope.receivedAt)
        #expect(!held[0].isAlreadyThere && held[0].attempts == 0)
        #expect(try fixture.ledger.heldMail(mailboxID: "nobody", limit: 10).isEmpty)
    }

    @Test("limit and after walk through everything without a gap", arguments: [1, 2, 3, 7, 100])
    func paged(limit: Int) throws {
        let fixture = try LedgerFixture()
        let ids = (0..<20).map {
            fixture.spool.receive(to: $0 % 2 == 0 ? ["anna@example.com", "a@example.com"] : ["a@example.com"])
        }
        try fixture.ledger.catchUp()
        var found: [MessageID] = []
        var after: Int64 = 0
        while let last = try fixture.ledger.heldMail(mailboxID: "m-anna", after: after, limit: limit).map({
            found.append($0.id); return $0.sequence
        }).last {
            after = last
        }
        #expect(found == ids)
    }

    @Test("a message with an open intent is not offered again; with a copy there it is reported")
    func inDoubtAndThere() throws {
        let fixture = try LedgerFixture()
        let ids = (0..<2).map { _ in fixture.spool.receive(to: ["anna@example.com", "a@example.com"]) }
        fixture.spool.journal(LedgerFixture.intent(1, LedgerFixture.anna, ids.map { LedgerFixture.entry($0) }))
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.heldMail(mailboxID: "m-anna", limit: 10).isEmpty)
        fixture.spool.journal(
            .delivered(batch: LedgerFixture.batch(1), uidValidity: 7, copies: [DeliveredCopy(id: ids[1], uid: 9)]))
        try fixture.ledger.catchUp()
        let held = try fixture.ledger.heldMail(mailboxID: "m-anna", limit: 10)
        #expect(held.map(\.id) == [ids[1]] && held[0].isAlreadyThere && held[0].recipient == "a@example.com")
    }

    @Test("a mailbox with very many addresses is walked in the same order")
    func manyAddresses() throws {
        let fixture = try LedgerFixture()
        let ids = (0..<200).map { fixture.spool.receive(to: ["user\($0 * 7 % 200)@catch.example"]) }
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.heldMail(mailboxID: "m-bert", limit: 150).map(\.id) == Array(ids.prefix(150)))
    }

    @Test("a mapping mended while mail waits takes the mail along")
    func mended() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["carla@example.com"])
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.status(now: .now()).withoutMailbox.held == 1)
        var anna = LedgerFixture.anna
        anna.aliases.append("carla@example.com")
        fixture.spool.journal(.mailboxSet(anna))
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.heldMail(mailboxID: "m-anna", limit: 10).map(\.id) == [id])
        #expect(try fixture.ledger.mailbox(named: "carla@example.com").counts.held == 1)
        #expect(try fixture.ledger.mailbox(for: #require(MailAddress("carla+x@old.example")))?.mailbox.id == "m-anna")
    }
}
