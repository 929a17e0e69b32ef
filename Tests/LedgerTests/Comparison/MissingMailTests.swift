import Foundation
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("Mail that only the Ledger knows")
struct MissingMailTests {
    /// A Ledger that knows one message more than its spool.
    private func fixture() throws -> (LedgerFixture, lost: MessageID) {
        let fixture = try LedgerFixture()
        fixture.spool.receive(to: ["anna@example.com"])
        let lost = fixture.spool.receive(to: ["anna@example.com"])
        try fixture.ledger.catchUp()
        fixture.spool.restore(messages: 1, acts: 2)
        return (fixture, lost)
    }

    private func reindex(_ fixture: LedgerFixture, forgetting: Bool = false) throws -> Int {
        fixture.ledger.close()
        defer { try? fixture.reopen() }
        return try Ledger.reindex(
            layout: fixture.layout, rules: LedgerFixture.rules, source: fixture.spool, forgettingMissingMail: forgetting
        )
    }

    @Test("It is not forgotten by a reindex, unless a person says so")
    func kept() throws {
        let (fixture, lost) = try fixture()
        do {
            _ = try reindex(fixture)
            Issue.record("it was forgotten")
        } catch let error as LedgerError {
            #expect(error.code == .missingMail && error.isBadData, "\(error)")
            #expect(error.message.contains("\(lost)") && error.message.contains("--forget-missing-mail"), "\(error)")
        }
        #expect(try fixture.states(lost) == ["held"])
        #expect(try reindex(fixture, forgetting: true) == 1)
        #expect(try fixture.states(lost).isEmpty)
        #expect(try reindex(fixture) == 0)
    }

    @Test("Nor where another version has made the Ledger; one that cannot be asked is replaced")
    func otherVersions() throws {
        for version in [LedgerSchema.version - 1, LedgerSchema.version + 1] {
            let (fixture, _) = try fixture()
            try fixture.edit("PRAGMA user_version = \(version); DROP TABLE act")
            #expect(throws: LedgerError.self) { try reindex(fixture) }
            try fixture.edit("DROP TABLE message")
            #expect(try reindex(fixture) == 0)
        }
    }

    @Test("A Ledger of an older version is kept beside where it knows mail of segments that are gone, and that is said")
    func older() async throws {
        let fixture = try await ReclaimFixture()
        for _ in 0..<3 { try await fixture.receiveSegment() }
        try await fixture.deliver(Array(fixture.ids[0..<10]))
        try await fixture.deliver([2, 5, 8].map { fixture.ids[$0] }, to: LedgerFixture.bert)
        try await fixture.journal(.waveClosed(name: "1", why: ""), .waveClosed(name: "2", why: ""))
        // What was given back is not lost.
        try await fixture.reclaim(1)
        let (layout, notices) = (fixture.layout, Notices())
        func reopen() throws {
            try fixture.makeOlder()
            let ledger = try Ledger.open(layout: layout, role: .writer, notice: notices.add)
            try ledger.catchUp()
            ledger.close()
        }
        try reopen()
        #expect(notices.all.count == 1 && !FileManager.default.fileExists(atPath: layout.ledger + ".older"))
        try FileManager.default.removeItem(atPath: layout.segment(2))
        try reopen()
        #expect(notices.all.contains { $0.contains("MISSING") && $0.contains("10 messages") }, "\(notices.all)")
        #expect(FileManager.default.fileExists(atPath: layout.ledger + ".older"))
    }

    @Test("What acts name and the spool has not is lost, however the Ledger came about")
    func lost() throws {
        let fixture = try LedgerFixture()
        let gap = MessageID(milliseconds: 1_800_000_030_000, random: 5, 5)
        fixture.spool.receive(to: ["anna@example.com"])
        let last = fixture.spool.receive(to: ["bert@example.com"])
        let behind = MessageID(milliseconds: last.milliseconds + 1, random: 5, 5)
        fixture.spool.journal(
            .dropped(id: gap, recipient: "", why: ""), .dropped(id: behind, recipient: "", why: ""),
            .dropped(id: gap, recipient: "", why: ""))
        try fixture.ledger.catchUp()
        let expected = [
            LostMessage(id: gap, act: 5, isBehindSegments: false),
            LostMessage(id: behind, act: 4, isBehindSegments: true),
        ]
        #expect(try fixture.ledger.lostMessages() == expected)
        #expect(try fixture.ledger.trace(of: gap) == .accepted && fixture.ledger.trace(of: last) == .accepted)
        #expect(try fixture.ledger.trace(of: MessageID(milliseconds: 1, random: 1, 1)) == nil)
        #expect(try fixture.compare().isSame)
        try fixture.edit("DELETE FROM lost_message")
        #expect(try fixture.compare().isRepaired)
        try fixture.reopen()
        #expect(try fixture.ledger.lostMessages() == expected)
    }

    @Test("After a restore, what came between the copy of the segments and that of the journal is behind the segments")
    func restored() throws {
        // Acts are at 1,800,100,000,000 and some seconds.
        for (next, isBehind) in [(1_800_100_002_000, false), (1_800_100_100_000, true)] as [(UInt64, Bool)] {
            let fixture = try LedgerFixture()
            fixture.spool.receive(to: ["anna@example.com"])
            let gap = MessageID(milliseconds: 1_800_100_001_000, random: 5, 5)
            fixture.spool.journal(.dropped(id: gap, recipient: "", why: ""), .restored(what: "", why: "copied"))
            fixture.spool.receive(to: ["bert@example.com"], id: MessageID(milliseconds: next, random: 5, 5))
            try fixture.ledger.catchUp()
            #expect(try fixture.ledger.lostMessages().map(\.isBehindSegments) == [isBehind])
        }
    }
}
