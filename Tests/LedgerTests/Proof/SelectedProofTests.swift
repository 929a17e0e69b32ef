import Foundation
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("The proof of a selection")
struct SelectedProofTests {
    private static let selections = [
        MailboxSelection(wave: "1"), MailboxSelection(domain: "example.com"),
        MailboxSelection(mailboxes: ["anna@example.com"]), MailboxSelection(isAll: true, except: ["bert@example.com"]),
    ]

    /// Of three segments, all of Anna's mail in the first is verified; some of hers in the others is, the rest is held.
    private func fixture() async throws -> ReclaimFixture {
        let fixture = try await ReclaimFixture()
        for _ in 0..<3 { try await fixture.receiveSegment() }
        try await fixture.deliver(Array(fixture.ids[0..<14]))
        try await fixture.deliver([2, 5, 8].map { fixture.ids[$0] }, to: LedgerFixture.bert)
        return fixture
    }

    @Test("Mail that the segments have lost breaks its balance", arguments: selections)
    func lostSegment(selection: MailboxSelection) async throws {
        let fixture = try await fixture()
        let before = try fixture.ledger.prove(selection)
        #expect(before.isBalanced && before.accepted == before.counts.total && before.accepted >= 30)
        try FileManager.default.removeItem(atPath: fixture.layout.segment(1))
        let proof = try fixture.ledger.prove(selection)
        #expect(!proof.isBalanced && proof.counts == before.counts)
        #expect(before.accepted - proof.accepted == (selection.domain == nil ? 10 : 13))
        // Whose mail is elsewhere is not touched by it.
        try await fixture.journal(.mailboxSet(Self.carla))
        #expect(try fixture.ledger.prove(MailboxSelection(mailboxes: [Self.carla.address])).isBalanced)
    }

    private static let carla = RosterMailbox(
        id: "m-carla", address: "carla@example.com", login: "carla", target: "ox", wave: "3")

    @Test("Mail that the index has lost breaks it, delivered or held", arguments: [0, 29])
    func lostMessage(number: Int) async throws {
        let fixture = try await fixture()
        for table in ["placement WHERE delivery", "delivery WHERE id"] {
            try fixture.ledger.database.write { writer in
                let delete = try writer.statement(
                    "DELETE FROM \(table) IN (SELECT m.seq << \(LedgerLimits.recipientBits) FROM message m WHERE m.id = ?)"
                )
                delete.bind(1, fixture.ids[number])
                try delete.run()
            }
        }
        for selection in Self.selections {
            let proof = try fixture.ledger.prove(selection)
            #expect(!proof.isBalanced && proof.accepted == proof.counts.total + 1, "\(selection)")
        }
    }

    @Test(
        "What was given back counts as it did, and a mailbox keeps what it was given when its address goes to another")
    func givenBack() async throws {
        let fixture = try await fixture()
        let before = try Self.selections.map { try fixture.ledger.prove($0) }
        try await fixture.journal(.waveClosed(name: "1", why: ""), .waveClosed(name: "2", why: ""))
        try await fixture.reclaim(1)
        try await fixture.reclaim(2)
        #expect(try Self.selections.map { try fixture.ledger.prove($0) } == before)
        var (anna, carla) = (LedgerFixture.anna, Self.carla)
        anna.address = "anna.new@example.com"
        carla.aliases = ["anna@example.com"]
        try await fixture.journal(.mailboxSet(anna), .mailboxSet(carla))
        let moved = try ["1", "3"].map { try fixture.ledger.prove(MailboxSelection(wave: $0)) }
        #expect(moved.map(\.accepted) == [14, 16] && moved.allSatisfy(\.isBalanced))
    }
}
