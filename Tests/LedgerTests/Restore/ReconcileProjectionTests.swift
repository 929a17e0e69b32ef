import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("What the acts after a restore do")
struct ReconcileProjectionTests {
    private func flags(_ fixture: LedgerFixture) throws -> [Bool] {
        try fixture.ledger.catchUp()
        return try fixture.ledger.mailboxes().map(\.isUnreconciled)
    }

    private func adoption(_ number: UInt64, _ copies: [Adoption.Copy]) -> JournalAct {
        .adopted(
            Adoption(
                batch: LedgerFixture.batch(number), mailboxID: "m-anna", target: "ox", login: "anna", folder: "Archive",
                uidValidity: 9, copies: copies))
    }

    private func copy(_ id: MessageID, uid: UInt32, merged: [String] = [], isExact: Bool = true) -> Adoption.Copy {
        Adoption.Copy(
            id: id, recipient: "anna@example.com", merged: merged, length: 517, digest: ScriptedSpool.digest(99),
            uid: uid, isExact: isExact)
    }

    @Test(
        "restored marks every mailbox, reconciled takes one mark back, and a row that is new or changed is marked anew")
    func marks() throws {
        let fixture = try LedgerFixture()
        #expect(try flags(fixture) == [false, false])
        fixture.spool.journal(.restored(what: "", why: "a copy"))
        #expect(try flags(fixture) == [true, true])
        #expect(try fixture.ledger.mailbox(named: "m-anna").state(now: .now()) == "to be reconciled, 0 held")
        fixture.spool.journal(.reconciled(mailboxID: "m-anna", text: ""))
        #expect(try flags(fixture) == [false, true])
        fixture.spool.journal(.reconciled(mailboxID: "m-bert", text: ""), .mailboxSet(LedgerFixture.anna))
        #expect(try flags(fixture) == [false, false])
        var moved = LedgerFixture.anna
        moved.login = "anna2"
        fixture.spool.journal(
            .mailboxSet(moved),
            .mailboxSet(RosterMailbox(id: "m-carl", address: "carl@example.com", login: "carl", target: "ox")))
        #expect(try flags(fixture) == [true, false, true])
    }

    @Test("shut marks the mailboxes that it names where the spool was brought back, in a Ledger built anew as well")
    func shut() throws {
        let fixture = try LedgerFixture()
        fixture.spool.journal(.shut(mailboxIDs: ["m-anna"], why: "an import"))
        #expect(try flags(fixture) == [false, false])
        fixture.spool.journal(
            .restored(what: "", why: "a copy"), .reconciled(mailboxID: "m-anna", text: ""),
            .reconciled(mailboxID: "m-bert", text: ""), .shut(mailboxIDs: ["m-anna", "m-nobody"], why: "an import"))
        _ = fixture.spool.receive(to: ["anna@example.com"])
        #expect(try flags(fixture) == [true, false])
        guard case .olderMail = try fixture.ledger.mailbox(named: "m-anna").reconcileCause else {
            Issue.record("the restore itself is told as the cause")
            return
        }
        let before = try fixture.dump()
        try fixture.rebuild()
        #expect(try fixture.dump() == before)
    }

    @Test(
        "adopted: exact copies are verified, others delivered, recipients merged, open intents closed, parked mail taken up"
    )
    func adopted() throws {
        let fixture = try LedgerFixture()
        let ids = (0..<4).map { _ in fixture.spool.receive(to: ["anna@example.com", "a@example.com"]) }
        fixture.spool.journal(
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(ids[0]), LedgerFixture.entry(ids[1])]),
            .failed(mailboxID: "m-anna", ids: [ids[2]], errorClass: "refused", text: "NO"),
            adoption(
                2,
                [
                    copy(ids[0], uid: 5, merged: ["a@example.com"]), copy(ids[2], uid: 6, merged: ["a@example.com"]),
                    copy(ids[3], uid: 7, isExact: false),
                ]))
        try fixture.ledger.catchUp()
        #expect(try fixture.states(ids[0]) == ["verified", "merged"])
        #expect(try fixture.states(ids[2]) == ["verified", "merged"])
        #expect(try fixture.states(ids[3]) == ["delivered", "held"])
        let row = try #require(try fixture.row(ids[0]))
        #expect(row.uid == 5 && row.uidValidity == 9)
        #expect(try fixture.ledger.openIntents(mailboxID: "m-anna").map { $0.intent.entries.map(\.id) } == [[ids[1]]])
        let unverified = try fixture.ledger.unverified(mailboxID: "m-anna", limit: 10)
        #expect(unverified.map(\.id) == [ids[3]] && unverified.map(\.folder) == ["Archive"])
        #expect(try fixture.ledger.prove().isBalanced)
        let before = try fixture.dump()
        try fixture.rebuild()
        #expect(try fixture.dump() == before)
    }

    @Test("what was found in a mailbox is told by whose copy it can be")
    func foundMail() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: [
            "anna@example.com", "bert@example.com", "a@example.com", "x@nowhere.example",
        ])
        let stranger = MessageID(milliseconds: 1, random: 0, 0)
        try fixture.ledger.catchUp()
        var found = try fixture.ledger.foundMail(mailboxID: "m-anna", ids: [stranger, id])
        #expect(found.map(\.id) == [id])
        #expect(found.first?.open == ["anna@example.com", "a@example.com"])
        #expect(found.first?.others == ["bert@example.com", "x@nowhere.example"])
        fixture.spool.journal(adoption(1, [copy(id, uid: 1)]))
        try fixture.ledger.catchUp()
        found = try fixture.ledger.foundMail(mailboxID: "m-anna", ids: [id])
        #expect(found.first?.verified == ["anna@example.com"] && found.first?.open == ["a@example.com"])
    }
}
