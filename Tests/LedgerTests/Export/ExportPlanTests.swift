import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("What export and import ask")
struct ExportPlanTests {
    @Test("One copy for each mailbox, whatever address it came for; unknown recipients are folders of their own")
    func folders() throws {
        let fixture = try LedgerFixture()
        fixture.spool.receive(to: ["anna@example.com", "a@example.com", "Stranger@nowhere.example"])
        fixture.spool.receive(to: ["bert@example.com"])
        fixture.spool.receive(to: ["A@Example.com", "bert@example.com"])
        try fixture.ledger.catchUp()
        let plan = try fixture.ledger.exportPlan(AuditFilter())
        #expect(plan.folders.map(\.address) == ["anna@example.com", "bert@example.com", "stranger@nowhere.example"])
        #expect(plan.folders.map { $0.deliveries.map(ExportPlan.message) } == [[1, 3], [2, 3], [1]])
        #expect(plan.folders.map { $0.deliveries.map(ExportPlan.ordinal) } == [[0, 0], [0, 1], [2]])
        #expect(plan.messages == [1, 2, 3])
        #expect(plan.copies == 5)
        var filter = AuditFilter()
        filter.mailbox = "bert@example.com"
        #expect(try fixture.ledger.exportPlan(filter).messages == [2, 3])
        filter.mailbox = nil
        filter.to = "nobody@example.com"
        #expect(try fixture.ledger.exportPlan(filter).messages.isEmpty)
    }

    @Test("What became of a message is told in the order of its envelope")
    func outcomes() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com", "x@nowhere.example", "bert@example.com"])
        fixture.spool.receive(to: ["bert@example.com"])
        fixture.spool.journal(
            .dropped(id: id, recipient: "x@nowhere.example", why: "spam"),
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(id)]))
        try fixture.ledger.catchUp()
        let outcomes = try fixture.ledger.outcomes(of: [2, 1, 77])
        #expect(outcomes.map(\.sequence) == [2, 1])
        #expect(outcomes[1].location == fixture.spool[0].location)
        #expect(outcomes[1].deliveries.map(\.state) == [.appending, .dropped, .held])
        #expect(outcomes[1].deliveries.map(\.mailbox) == ["anna@example.com", nil, "bert@example.com"])
    }

    @Test("The Ledger knows the ids that it has, and no others")
    func known() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        try fixture.ledger.catchUp()
        let other = MessageID(milliseconds: 5, random: 1, 9)
        #expect(try fixture.ledger.known([other, id]) == [id])
        #expect(try fixture.ledger.known([]).isEmpty)
    }
}
