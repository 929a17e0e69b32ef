import Foundation
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("The Ledger when bytes were given back")
struct ReclaimedLedgerTests {
    /// Three closed segments: of the first all is dead, of the second a part, of the third nothing.
    private func fixture() async throws -> ReclaimFixture {
        let fixture = try await ReclaimFixture()
        for _ in 0..<4 { try await fixture.receiveSegment() }
        let ids = fixture.ids
        try await fixture.deliver(Array(ids[0..<18]))
        try await fixture.deliver([2, 5, 8, 12].map { ids[$0] }, to: LedgerFixture.bert)
        try await fixture.journal(
            .waveClosed(name: "1", why: ""), .waveClosed(name: "2", why: ""),
            .dropped(id: ids[18], recipient: "", why: "asked for"))
        return fixture
    }

    @Test("A Ledger built anew answers as the one before, whatever was given back", arguments: [true, false])
    func rebuild(byReindex: Bool) async throws {
        let fixture = try await fixture()
        let untouched = try fixture.ledger.prove()
        try await fixture.reclaim(1)
        try await fixture.reclaim(2)
        #expect(try fixture.ledger.prove() == untouched && untouched.isBalanced)
        let before = try fixture.answers()
        try fixture.rebuild(byReindex: byReindex)
        let after = try fixture.answers()
        #expect(after == before)
        let progress = try fixture.ledger.progress()
        #expect(progress.unmatched == 0 && progress.damage == 0 && progress.message == 40)
    }

    @Test("Also when a segment was written anew twice, and then removed")
    func again() async throws {
        let fixture = try await fixture()
        try await fixture.reclaim(2)
        try await fixture.deliver([fixture.ids[15]], to: LedgerFixture.bert)
        try await fixture.reclaim(2)
        var before = try fixture.answers()
        try fixture.rebuild(byReindex: true)
        #expect(try fixture.answers() == before)
        try await fixture.deliver([fixture.ids[19]])
        try await fixture.reclaim(2)
        #expect(try !SegmentReclaim(layout: fixture.layout).segments().contains(2))
        before = try fixture.answers()
        try fixture.rebuild(byReindex: true)
        #expect(try fixture.answers() == before)
        #expect(try fixture.ledger.prove().isBalanced)
    }

    @Test("And when a crash has cut the reclaim short", arguments: [ReclaimFixture.Steps.journaled, .replaced])
    func cutShort(steps: ReclaimFixture.Steps) async throws {
        let fixture = try await fixture()
        try await fixture.reclaim(1, steps: steps)
        try await fixture.reclaim(2, steps: steps)
        let proof = try fixture.ledger.prove()
        #expect(proof.isBalanced && proof.accepted == 52)
        #expect(try fixture.ledger.openReclaims() == [1, 2])
        let before = try fixture.ledger.audit(AuditFilter()).map { [$0.id.description, $0.recipient, $0.state.word] }
        try fixture.rebuild(byReindex: true)
        #expect(try fixture.ledger.openReclaims() == [1, 2])
        #expect(
            try fixture.ledger.audit(AuditFilter()).map { [$0.id.description, $0.recipient, $0.state.word] } == before)
        #expect(try fixture.ledger.prove() == proof)
        // What is kept is found, wherever the Ledger thinks that it stands.
        let reader = SpoolReader(layout: fixture.layout)
        for row in try fixture.ledger.audit(AuditFilter()) where row.reclaimedAt == nil {
            #expect(try !reader.bytes(of: row.location).isEmpty)
        }
    }

    @Test("The history of a message says that its bytes were given back, and where its copy is")
    func history() async throws {
        let fixture = try await fixture()
        try await fixture.reclaim(1)
        var filter = AuditFilter()
        filter.id = fixture.ids[3]
        let row = try #require(try fixture.ledger.audit(filter).first)
        #expect(row.reclaimedAt != nil && row.state == .verified && row.uid == 103)
        #expect(row.subject == "number 3" && row.messageID == "<3@x>" && row.helo == "h3")
        #expect(try fixture.ledger.history(message: fixture.ids[3]).map(\.kind).contains("reclaimed"))
        filter.id = fixture.ids[30]
        #expect(try fixture.ledger.audit(filter).first?.reclaimedAt == nil)
    }

    @Test("A delivery that the Ledger has lost breaks the balance also among what was given back")
    func lostDelivery() async throws {
        let fixture = try await fixture()
        try await fixture.reclaim(1)
        try fixture.ledger.database.write { writer in
            try writer.statement("DELETE FROM delivery WHERE id = (SELECT min(id) FROM delivery)").run()
        }
        #expect(try !fixture.ledger.prove().isBalanced)
    }

    @Test("Bytes may go when every delivery is done and the wave is closed for so long; else it is said why not")
    func rules() async throws {
        let fixture = try await ReclaimFixture()
        for _ in 0..<2 { try await fixture.receiveSegment() }
        let ids = fixture.ids
        try await fixture.deliver(Array(ids[0..<4]))
        try await fixture.deliver([ids[4]], verifies: false)
        try await fixture.journal(.failed(mailboxID: "m-anna", ids: [ids[6]], errorClass: "poison", text: "no"))
        try await fixture.journal(.dropped(id: ids[7], recipient: "", why: "x"))
        #expect(try fixture.candidates(1)[0].obstacle == .openWave("1"))
        try await fixture.journal(.waveClosed(name: "1", why: ""))
        let found = try fixture.candidates(1)
        #expect(found.map(\.id) == Array(ids[0..<10]) && found.map(\.ordinal) == Array(0..<10))
        #expect(found[0].obstacle == nil && found[1].obstacle == nil)
        #expect(found[0].copies.map(\.uid) == [100] && found[0].copies.first?.folder == "INBOX")
        // For Anna and Bert, and Bert's is held.
        #expect(found[2].obstacle == .owed)
        #expect(found[4].obstacle == .unverified && found[5].obstacle == .owed && found[6].obstacle == .owed)
        #expect(found[7].obstacle == nil && found[7].copies.isEmpty)
        // Taken for good by a person: it may go like a verified one, and its mailbox is asked for it like for one.
        try await fixture.journal(.acceptedUnverified(mailboxID: "m-anna", ids: [ids[4]], why: "deleted"))
        #expect(try fixture.candidates(1)[4].obstacle == nil && fixture.candidates(1)[4].copies.count == 1)
        let later = try fixture.candidates(1, retention: 1_000_000)
        guard case .retained? = later[0].obstacle, case .retained? = later[7].obstacle else {
            return #expect(Bool(false), "\(later[0]) \(later[7])")
        }
        let muchLater = Timestamp.now().adding(milliseconds: 2_000_000)
        #expect(try fixture.candidates(1, retention: 1_000_000, now: muchLater)[0].obstacle == nil)
    }

    @Test("Mailboxes in no wave are closed like one, by an empty name")
    func noWave() async throws {
        let fixture = try await ReclaimFixture()
        var anna = LedgerFixture.anna
        anna.wave = ""
        try await fixture.journal(.mailboxSet(anna))
        for _ in 0..<2 { try await fixture.receiveSegment() }
        try await fixture.deliver([fixture.ids[0]])
        #expect(try fixture.candidates(1)[0].obstacle == .openWave(""))
        #expect(try fixture.ledger.wave(named: "", now: .now())?.mailboxes == 1)
        try await fixture.journal(.waveClosed(name: "", why: ""))
        #expect(try fixture.candidates(1)[0].obstacle == nil)
        #expect(try fixture.ledger.wave(named: "", now: .now())?.closedAt != nil)
        #expect(try fixture.ledger.waves(now: .now()).allSatisfy { !$0.name.isEmpty })
    }
}
