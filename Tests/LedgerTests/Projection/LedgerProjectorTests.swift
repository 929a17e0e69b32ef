import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("Projection")
struct LedgerProjectorTests {
    @Test("reading again changes nothing")
    func readingAgainChangesNothing() throws {
        let fixture = try LedgerFixture()
        fixture.spool.receive(to: ["anna@example.com", "bert@example.com"])
        try fixture.ledger.catchUp()
        let before = try fixture.dump()
        try fixture.ledger.catchUp()
        try fixture.reopen()
        try fixture.ledger.catchUp()
        #expect(try fixture.dump() == before)
    }

    @Test("a crash between two transactions leaves a Ledger that goes on where it was")
    func crashBetweenTransactions() throws {
        let fixture = try LedgerFixture()
        for number in 0..<(LedgerLimits.messagesPerTransaction * 2 + 10) {
            fixture.spool.receive(to: ["user\(number % 50)@example.com"])
        }
        fixture.spool.failAtPage(2)
        #expect(throws: ScriptedSpool.Failure.self) { try fixture.ledger.catchUp() }
        #expect(try fixture.ledger.progress().message == Int64(LedgerLimits.messagesPerTransaction))
        fixture.spool.failAtPage(nil)
        try fixture.reopen()
        try fixture.ledger.catchUp()
        let after = try fixture.dump()
        try fixture.rebuild()
        #expect(try fixture.dump() == after)
    }

    @Test("an act waits until the message that it names is stable")
    func actsWaitForTheirMessages() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        try fixture.ledger.catchUp()
        let late = fixture.spool.receive(to: ["anna@example.com"])
        fixture.spool.journal(
            .dropped(id: id, recipient: "", why: "test"), .dropped(id: late, recipient: "", why: "test"))
        try fixture.ledger.catchUp()
        #expect(try fixture.states(late) == ["dropped"])
        #expect(try fixture.ledger.progress().unmatched == 0)
    }

    @Test("acts that are written while it projects are left for the next time")
    func actsWrittenMeanwhile() throws {
        let fixture = try LedgerFixture()
        fixture.spool.receive(to: ["anna@example.com"])
        var late: MessageID?
        try fixture.ledger.catchUp { _ in
            guard late == nil else { return }
            let id = fixture.spool.receive(to: ["anna@example.com"])
            fixture.spool.journal(.dropped(id: id, recipient: "", why: "test"))
            late = id
        }
        #expect(try fixture.ledger.progress().message == 1)
        #expect(try fixture.ledger.progress().unmatched == 0)
        try fixture.ledger.catchUp()
        #expect(try fixture.states(#require(late)) == ["dropped"])
    }

    @Test("a spool that ends before what was read is noticed", arguments: [(1, 2), (2, 1)])
    func restoredSpool(messages: Int, acts: Int) throws {
        let fixture = try LedgerFixture()
        for _ in 0..<2 { fixture.spool.receive(to: ["anna@example.com"]) }
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.contradiction() == nil)
        fixture.spool.restore(messages: messages, acts: acts)
        #expect(try fixture.ledger.contradiction() != nil)
        #expect(throws: LedgerError.self) { try fixture.ledger.catchUp() }
    }

    @Test("erased and unmatched acts are counted and stepped over")
    func strangeActsAreCounted() throws {
        let fixture = try LedgerFixture()
        let nobody = MessageID(milliseconds: 1, random: 0, 0)
        fixture.spool.journal(nil, .dropped(id: nobody, recipient: "", why: ""), .mailboxRemoved(id: "nobody"))
        fixture.spool.journal(.delivered(batch: nobody, uidValidity: 1, copies: []))
        let progress = try fixture.ledger.catchUp()
        #expect(progress.skippedActs == 1)
        #expect(progress.unmatched == 2)
        #expect(try fixture.ledger.lostMessages() == [LostMessage(id: nobody, act: 4, isBehindSegments: true)])
        #expect(progress.act == 6)
    }

    @Test("a rebuilt Ledger is the same, row for row, as one that grew")
    func rebuildEqualsGrowth() throws {
        let fixture = try LedgerFixture()
        let ids = (0..<40).map { number in
            fixture.spool.receive(
                from: "s\(number % 3)@example.net",
                to: number % 4 == 0 ? ["anna@example.com", "A@example.com"] : ["anna@example.com"])
        }
        for (number, id) in ids.enumerated() {
            try fixture.ledger.catchUp()
            fixture.spool.journal(
                LedgerFixture.intent(
                    UInt64(number), LedgerFixture.anna, [LedgerFixture.entry(id, merged: ["a@example.com"])]))
            switch number % 5 {
            case 0:
                fixture.spool.journal(.notAppended(batch: LedgerFixture.batch(UInt64(number)), ids: [id], reason: "NO"))
            case 1: fixture.spool.journal(.failed(mailboxID: "m-anna", ids: [id], errorClass: "poison", text: "NO"))
            case 2: break
            default:
                fixture.spool.journal(
                    .delivered(
                        batch: LedgerFixture.batch(UInt64(number)), uidValidity: 7,
                        copies: [DeliveredCopy(id: id, uid: 40 + UInt32(number))]))
            }
        }
        fixture.spool.journal(.retried(mailboxID: "m-anna", ids: [ids[1]], why: ""), .mailboxRemoved(id: "m-bert"))
        try fixture.ledger.catchUp()
        let grown = try fixture.dump()
        try fixture.rebuild()
        #expect(try fixture.dump() == grown)
    }

    @Test("a message copied forward keeps its deliveries and is read at its new place")
    func copiedForward() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        try fixture.ledger.catchUp()
        var moved = fixture.spool[0]
        moved.position = SpoolPosition(segment: 5, offset: 77)
        try fixture.ledger.database.write { writer in
            var progress = try LedgerProgress.load(writer)
            var projection = try MessageProjection(writer)
            try projection.apply(
                PreparedPage(
                    SegmentPage(messages: [moved], next: SpoolPosition(segment: 5, offset: 99), damage: [])),
                to: &progress)
            try projection.finish(&progress)
            try progress.store(writer)
        }
        #expect(try fixture.row(id)?.location.position == SpoolPosition(segment: 5, offset: 77))
        #expect(try fixture.ledger.status(now: .now()).counts.total == 1)
    }
}
