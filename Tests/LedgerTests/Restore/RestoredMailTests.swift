import MailModel
import Spool
import Testing

@testable import Ledger

/// Only mail from before a restore can be in a mailbox without the journal knowing it.
@Suite("Changes of the roster after a restore")
struct RestoredMailTests {
    private static let restored = Timestamp(milliseconds: 1_790_000_000_000)
    private static let header = "mailbox,login,target,wave,aliases\n"
    private static let anna = "anna@example.com,anna,ox,1,a@example.com\n"
    private static let bert = "bert@example.com,bert,ox,2,@catch.example\n"

    /// A spool that was restored and looked into whole.
    private static func fixture() throws -> LedgerFixture {
        let fixture = try LedgerFixture()
        fixture.spool.journal(at: restored, .restored(what: "", why: "a copy"))
        fixture.spool.journal(
            .reconciled(mailboxID: "m-anna", text: ""), .reconciled(mailboxID: "m-bert", text: ""))
        try fixture.ledger.catchUp()
        return fixture
    }

    /// Imports the rows as the command does. Returns the mailboxes that are to be reconciled then.
    private static func change(_ fixture: LedgerFixture, _ rows: String) throws -> [String] {
        let file = try RosterFile(Array((header + rows).utf8), name: "r.csv", targets: ["ox", "zimbra"])
        let plan = try fixture.ledger.planImport(file, mode: .merge)
        let known = try fixture.ledger.actsAfterRestore(of: plan, now: restored.adding(milliseconds: 5_000_000))
        for act in plan.acts + known { fixture.spool.journal(act) }
        try fixture.ledger.catchUp()
        let shut = try fixture.ledger.mailboxes().filter(\.isUnreconciled)
        #expect(try fixture.compare().isSame)
        #expect(shut.allSatisfy { if case .olderMail = $0.reconcileCause { true } else { false } })
        return shut.map { String($0.mailbox.address.prefix { $0 != "@" }) }
    }

    /// Received so many seconds after the restore was noticed.
    private static func receive(_ fixture: LedgerFixture, to recipient: String, after seconds: Int64) throws {
        fixture.spool.receive(to: [recipient], at: restored.adding(milliseconds: seconds * 1000))
        try fixture.ledger.catchUp()
    }

    @Test(
        "A mailbox is shut only where mail from before the restore comes to it",
        arguments: [
            // One more alias, a new mailbox, another account.
            ("anna@example.com,anna,ox,1,a@example.com new@example.com\n", "new@example.com", "anna"),
            ("carl@example.com,carl,ox,1,new@example.com\n", "new@example.com", "carl"),
            ("carl@example.com,carl,ox,1,\n", "carl+x@old.example", "carl"),
            ("anna@example.com,anna2,ox,1,a@example.com\n", "a@example.com", "anna"),
            // Out of Bert's catch-all, and back into it.
            ("carl@example.com,carl,ox,1,c@catch.example\n", "c@catch.example", "carl"),
        ])
    func shut(rows: String, recipient: String, mailbox: String) throws {
        for (seconds, expected) in [(-60, [mailbox]), (0, [mailbox]), (60, []), (6_000, [mailbox])]
            as [(Int64, [String])]
        {
            let fixture = try Self.fixture()
            try Self.receive(fixture, to: recipient, after: seconds)
            #expect(try Self.change(fixture, rows) == expected, "received \(seconds) s after it was noticed")
        }
        let fixture = try Self.fixture()
        #expect(try Self.change(fixture, rows).isEmpty, "without any mail")
    }

    @Test("What was settled before the change is no reason; what is parked is")
    func settled() throws {
        for (isParked, expected) in [(false, []), (true, ["anna"])] {
            let fixture = try Self.fixture()
            let id = fixture.spool.receive(
                to: ["new@example.com"], at: Self.restored.adding(milliseconds: -60_000))
            fixture.spool.journal(
                isParked
                    ? .failed(mailboxID: "m-bert", ids: [id], errorClass: "too-big", text: "NO")
                    : .dropped(id: id, recipient: "", why: "spam"))
            try fixture.ledger.catchUp()
            let rows = "anna@example.com,anna,ox,1,a@example.com new@example.com\n"
            #expect(try Self.change(fixture, rows) == expected)
        }
    }

    @Test("The catch-all that gets what another mailbox has lost is shut as well")
    func heir() throws {
        for (seconds, expected) in [(-60, ["bert"]), (60, [])] as [(Int64, [String])] {
            let fixture = try Self.fixture()
            let rows = "carl@example.com,carl,ox,1,c@catch.example\n"
            #expect(try Self.change(fixture, rows).isEmpty)
            try Self.receive(fixture, to: "c@catch.example", after: seconds)
            #expect(try Self.change(fixture, "carl@example.com,carl,ox,1,\n") == expected)
        }
    }

    @Test("A mailbox that is shut already stays so, whatever is changed; without a word in the journal it is shut")
    func stays() throws {
        let fixture = try LedgerFixture()
        fixture.spool.journal(at: Self.restored, .restored(what: "", why: "a copy"))
        try fixture.ledger.catchUp()
        let file = try RosterFile(
            Array((Self.header + "anna@example.com,anna,ox,1,\n").utf8), name: "r.csv", targets: ["ox"])
        let plan = try fixture.ledger.planImport(file, mode: .merge)
        #expect(try fixture.ledger.actsAfterRestore(of: plan, now: .now()).isEmpty)
        for act in plan.acts { fixture.spool.journal(act) }
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.mailboxes().map(\.reconcileCause) == [.restore, .restore])

        // A change made without the word, as an older version makes it, and then one that would be harmless.
        let shut = try Self.fixture()
        var anna = LedgerFixture.anna
        anna.aliases = []
        shut.spool.journal(.mailboxSet(anna))
        try shut.ledger.catchUp()
        #expect(try Self.change(shut, "anna@example.com,anna,ox,1,z@example.com\n") == ["anna"])
    }

    @Test("Assignments are judged alike, and nothing is journaled where nothing was restored")
    func assigned() throws {
        let address = MailAddress(localPart: "sales", domain: "example.com")
        for (seconds, isShut) in [(-60, true), (60, false)] as [(Int64, Bool)] {
            let fixture = try Self.fixture()
            try Self.receive(fixture, to: "sales@example.com", after: seconds)
            let now = Self.restored.adding(milliseconds: 5_000_000)
            let change = try fixture.ledger.assignment(of: address, to: "m-anna", now: now)
            fixture.spool.journal(.assigned(address: address.text, mailboxID: "m-anna", why: ""))
            for act in change.afterRestore { fixture.spool.journal(act) }
            try fixture.ledger.catchUp()
            #expect(try fixture.ledger.mailbox(named: "m-anna").isUnreconciled == isShut)
            #expect(try fixture.compare().isSame)
        }
        let fixture = try LedgerFixture()
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.assignment(of: address, to: "m-anna").afterRestore.isEmpty)
    }
}
