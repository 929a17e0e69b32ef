import Foundation
import GRDB
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("The Ledger held against the spool")
struct LedgerComparisonTests {
    private func fixture() throws -> (LedgerFixture, MessageID) {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        fixture.spool.receive(to: ["bert@example.com"])
        fixture.spool.journal(.waveClosed(name: "1", why: "done"))
        try fixture.ledger.catchUp()
        return (fixture, id)
    }

    @Test("every table takes part")
    func allTables() throws {
        let (fixture, _) = try fixture()
        let tables = try fixture.ledger.database.read {
            try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
        for table in tables {
            let word = try Regex("(FROM|JOIN) \(table)\\b")
            #expect(LedgerView.all.contains { $0.sql.contains(word) }, "\(table)")
        }
    }

    @Test(
        "what was changed behind the Ledger's back is named and repaired",
        arguments: [
            ("UPDATE delivery SET state = 3 WHERE recipient = 1", "another state than the spool"),
            ("UPDATE message SET length = 1, subject = 'x' WHERE seq = 2", "another length, subject than the spool"),
            ("DELETE FROM delivery WHERE recipient = 2", "the index lacks it"),
            ("DELETE FROM message WHERE seq = 1", "the index lacks it"),
            ("UPDATE mailbox SET paused = 1 WHERE id = 'm-bert'", "mailbox m-bert: the index has another paused"),
            ("DELETE FROM act WHERE sequence = 3", "act 3: the index lacks it"),
            ("INSERT INTO wave (name) VALUES ('9')", "wave 9: the index has it, the spool does not"),
            ("UPDATE tally SET count = 5", "another count than the spool"),
            ("DELETE FROM message_id_recent", "Message-ID"), ("DELETE FROM mailbox_address", "address"),
            ("UPDATE progress SET message = 7", "another message than the spool"),
            ("DROP INDEX delivery_recipient; DROP TABLE act_message", "no such table"),
            ("PRAGMA user_version = 0", "older"), ("PRAGMA application_id = 0", "not a Ledger"),
        ])
    func changed(sql: String, finding: String) throws {
        let (fixture, id) = try fixture()
        try fixture.edit(sql)
        let comparison = try fixture.compare()
        let said = comparison.faults + comparison.differences.map(\.description)
        #expect(said.contains { $0.contains(finding) }, "\(said)")
        #expect(comparison.isRepaired && !comparison.isSame && comparison.missing == 0)
        #expect(try fixture.compare().isSame)
        try fixture.reopen()
        #expect(try fixture.states(id) == ["held"])
    }

    @Test("mail that only the Ledger knows is named missing, and the Ledger that knows it is kept")
    func missing() throws {
        let (fixture, id) = try fixture()
        let lost = fixture.spool.receive(to: ["anna@example.com"])
        try fixture.ledger.catchUp()
        fixture.spool.restore(messages: 2, acts: 3)
        let comparison = try fixture.compare()
        #expect(comparison.missing == 1 && !comparison.isRepaired && !comparison.isSame)
        let named = comparison.differences.map(\.description)
        #expect(
            named.contains { $0.contains("message \(lost): the index knows it") && $0.contains("file is gone") },
            "\(named)")
        #expect(!named.contains { $0.contains("message \(id)") })
        try fixture.reopen()
        #expect(try fixture.states(lost) == ["held"])
        #expect(try fixture.ledger.contradiction() != nil)
    }

    @Test("a Ledger that is behind is caught up before it is compared; one that is missing is built")
    func behind() throws {
        let (fixture, _) = try fixture()
        let id = fixture.spool.receive(to: ["bert@example.com"])
        #expect(try fixture.compare().isSame)
        fixture.ledger.close()
        try FileManager.default.removeItem(atPath: fixture.layout.ledger)
        let comparison = try fixture.compare()
        #expect(comparison.isRepaired && comparison.faults.first?.contains("missing") == true)
        try fixture.reopen()
        #expect(try fixture.states(id) == ["held"])
    }
}
