import Foundation
import GRDB
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("A Ledger that is built in one go")
struct BulkProjectionTests {
    @Test("it has the same rows in every table as one that has read the same page by page")
    func sameRows() throws {
        let fixture = try LedgerFixture(roster: false)
        EventfulSpool(spool: fixture.spool).fill(steps: 6, messages: 600) {}
        try fixture.ledger.catchUp()
        let followed = try fixture.dump()
        #expect(followed.count > 10_000)
        try fixture.rebuild()
        let built = try fixture.dump()
        #expect(Set(followed).symmetricDifference(built).isEmpty)
        #expect(followed == built)
    }

    @Test("it means the same as one that has followed mail and acts as they came")
    func sameMeaning() throws {
        let fixture = try LedgerFixture(roster: false)
        try EventfulSpool(spool: fixture.spool).fill(steps: 8, messages: 20) { try fixture.ledger.catchUp() }
        let comparison = try fixture.compare()
        #expect(comparison.differences == [] && comparison.faults == [])
        #expect(comparison.isSame && !comparison.isRepaired)
        #expect(comparison.progress.unmatched > 0 && comparison.progress.skippedActs == 8)

        let before = try fixture.ledger.audit(AuditFilter())
        let schema = try fixture.ledger.database.read { try Self.schema($0) }
        try fixture.rebuild()
        #expect(try fixture.ledger.audit(AuditFilter()) == before)
        #expect(try fixture.ledger.database.read { try Self.schema($0) } == schema)
    }

    private static func schema(_ database: Database) throws -> Set<String> {
        Set(
            try String.fetchAll(
                database, sql: "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema"))
    }

    @Test("it goes on where it was built: what comes later is followed")
    func goesOn() throws {
        let fixture = try LedgerFixture()
        for number in 0..<50 { fixture.spool.receive(to: ["u\(number)@example.com"]) }
        try fixture.rebuild()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["held"])
        #expect(try fixture.compare().differences == [])
    }

    @Test("a Ledger that has read nothing is built where there is much, and followed where there is little")
    func buildsWhereMuch() throws {
        let fixture = try LedgerFixture()
        for number in 0..<50 { fixture.spool.receive(to: ["u\(number)@example.com"]) }
        try fixture.reopen(messagesWorthBuilding: 50)
        try fixture.ledger.catchUp()
        #expect(fixture.notices.all.count == 2)
        #expect(fixture.notices.all.last?.contains("50 messages and 2 acts") == true)
        #expect(try fixture.ledger.progress().message == 50)
        #expect(try fixture.ledger.synchronousLevel() >= 2)

        let little = try LedgerFixture()
        little.spool.receive(to: ["anna@example.com"])
        try little.reopen(messagesWorthBuilding: 50)
        try little.ledger.catchUp()
        #expect(little.notices.all.isEmpty)
    }

    @Test(
        "where reading fails, the error comes through, the old Ledger stays, and nothing is left beside it",
        arguments: 1...4)
    func failure(page: Int) throws {
        let fixture = try LedgerFixture()
        for number in 0..<3_000 { fixture.spool.receive(to: ["u\(number % 9)@example.com"]) }
        try fixture.ledger.catchUp()
        let before = try fixture.dump()
        fixture.spool.failAtPage(page)
        // 3,000 messages are three pages, so at the fourth nothing fails.
        if page < 4 {
            #expect(throws: ScriptedSpool.Failure.self) { try fixture.rebuild() }
            #expect(try fixture.dump() == before)
        } else {
            try fixture.rebuild()
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: fixture.layout.directory)
        #expect(!names.contains { $0.contains("rebuild") })
    }
}
