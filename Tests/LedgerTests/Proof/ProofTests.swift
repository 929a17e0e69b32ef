import Foundation
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("Proof")
struct ProofTests {
    private func fixture() throws -> LedgerFixture {
        let fixture = try LedgerFixture()
        let ids = (0..<6).map { _ in
            fixture.spool.receive(to: ["anna@example.com", "a@example.com", "bert@example.com"])
        }
        fixture.spool.receive(to: ["stranger@example.com"])
        fixture.spool.journal(
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(ids[0], merged: ["a@example.com"])]),
            .delivered(batch: LedgerFixture.batch(1), uidValidity: 7, copies: [DeliveredCopy(id: ids[0], uid: 1)]),
            .verified(batch: LedgerFixture.batch(1), copies: [VerifiedCopy(id: ids[0], uid: 1, finding: .exact)]),
            LedgerFixture.intent(2, LedgerFixture.anna, [LedgerFixture.entry(ids[1])]),
            .delivered(batch: LedgerFixture.batch(2), uidValidity: 7, copies: [DeliveredCopy(id: ids[1], uid: 2)]),
            LedgerFixture.intent(3, LedgerFixture.anna, [LedgerFixture.entry(ids[2])]),
            .failed(mailboxID: "m-bert", ids: [ids[3]], errorClass: "poison", text: "no"),
            .dropped(id: ids[4], recipient: "bert@example.com", why: "test"),
            .doubtful(mailboxID: "m-anna", ids: [ids[1]], text: "who knows"))
        try fixture.ledger.catchUp()
        return fixture
    }

    @Test("every delivery is in exactly one place, over everything and over each selection")
    func arithmetic() throws {
        let fixture = try fixture()
        let proof = try fixture.ledger.prove()
        #expect(proof.accepted == 19 && proof.isBalanced)
        let counts = proof.counts
        #expect(
            counts.delivered == 2 && counts.verified == 1 && counts.merged == 1 && counts.failed == 1
                && counts.dropped == 1)
        #expect(counts.held == 14 && counts[.appending] == 1 && counts.passed == 0 && counts.handedOff == 0)
        #expect(counts.doubtful >= 1)

        let anna = try fixture.ledger.prove(MailboxSelection(mailboxes: ["anna@example.com"]))
        #expect(anna.accepted == 12 && anna.isBalanced && anna.counts.delivered == 2)
        let wave = try fixture.ledger.prove(MailboxSelection(wave: "2"))
        #expect(wave.accepted == 6 && wave.counts.failed == 1)
        let domain = try fixture.ledger.prove(MailboxSelection(domain: "example.com"))
        #expect(domain.accepted == 19)
        let rest = try fixture.ledger.prove(MailboxSelection(isAll: true, except: ["bert@example.com"]))
        #expect(rest.accepted == 12)
    }

    @Test("the running tally and the count of the rows agree")
    func tallyAgrees() throws {
        let fixture = try fixture()
        let status = try fixture.ledger.status(now: .now())
        let proof = try fixture.ledger.prove()
        for state in DeliveryState.allCases { #expect(status.counts[state] == proof.counts[state], "\(state)") }
        #expect(status.counts.doubtful == proof.counts.doubtful)
        #expect(status.counts.bytes == 19 * 500 && status.withoutMailbox.held == 1)
    }

    @Test("a delivery that the Ledger has lost breaks the balance")
    func lostDelivery() throws {
        let fixture = try fixture()
        try fixture.ledger.database.write { writer in
            try writer.statement("DELETE FROM delivery WHERE id = (SELECT max(id) FROM delivery)").run()
        }
        let proof = try fixture.ledger.prove()
        #expect(proof.accepted == 19 && proof.counts.total == 18 && !proof.isBalanced)
        #expect(proof.table.contains("NO"))
    }

    @Test("a reader that is behind the spool says so")
    func behind() throws {
        let fixture = try fixture()
        let reader = try Ledger.open(
            layout: fixture.layout, role: .reader, rules: AddressRules(), source: fixture.spool)
        #expect(try reader.prove().isBalanced)
        fixture.spool.receive(to: ["anna@example.com"])
        let proof = try reader.prove()
        #expect(proof.accepted == 19 && !proof.isComplete && !proof.isBalanced)
        #expect(try fixture.ledger.prove().accepted == 20)
    }

    @Test("json has exactly the fixed keys")
    func json() throws {
        let fixture = try fixture()
        let proof = try fixture.ledger.prove()
        let object = try #require(try JSONSerialization.jsonObject(with: Data(proof.json.utf8)) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "accepted", "delivered", "verified", "normalised", "merged", "passed", "handed_off", "held", "failed",
                "dropped", "doubtful", "balanced",
            ])
        #expect(object["balanced"] as? Bool == true && object["accepted"] as? Int == 19)
    }

    @Test(
        "a selection that means nothing is an error that names it",
        arguments: [
            MailboxSelection(mailboxes: ["nobody@example.com"]), MailboxSelection(wave: "9"),
            MailboxSelection(domain: "nowhere.example"),
            MailboxSelection(isAll: true, except: ["nobody@example.com"]),
        ])
    func unknown(selection: MailboxSelection) throws {
        let fixture = try fixture()
        #expect { try fixture.ledger.mailboxes(selection) } throws: { ($0 as? LedgerError)?.isBadData == true }
    }
}
