import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("Giving an address to a mailbox")
struct AssignmentTests {
    private static let address = MailAddress(localPart: "sales", domain: "example.com")

    private func held(_ fixture: LedgerFixture, _ mailbox: String) throws -> [MessageID] {
        try fixture.ledger.catchUp()
        return try fixture.ledger.heldMail(mailboxID: mailbox, limit: 100).map(\.id)
    }

    @Test("Held mail goes to the mailbox, with an extension too; a rebuild knows it; undone it waits again")
    func assigned() throws {
        let fixture = try LedgerFixture()
        let ids = ["Sales@example.com", "sales+x@example.com", "sales@old.example"].map {
            fixture.spool.receive(to: [$0])
        }
        #expect(try held(fixture, "m-anna").isEmpty)
        #expect(try fixture.ledger.assignment(of: Self.address, to: "m-anna").held == 3)
        fixture.spool.journal(.assigned(address: "sales@example.com", mailboxID: "m-anna", why: "known to Bob"))
        #expect(try held(fixture, "m-anna") == ids)
        #expect(try fixture.row(ids[0])?.mailbox == "anna@example.com")
        let anna = try #require(try fixture.ledger.mailbox(withAddress: Self.address))
        #expect(anna.mailbox.id == "m-anna" && anna.mailbox.assigned == ["sales@example.com"])
        #expect(try fixture.ledger.history(mailboxID: "m-anna").last?.why == "known to Bob")
        #expect(try fixture.compare().isSame)
        try fixture.rebuild()
        #expect(try held(fixture, "m-anna") == ids)

        #expect(try fixture.ledger.assignment(of: Self.address, to: nil).held == 3)
        fixture.spool.journal(.unassigned(address: "sales@example.com", why: ""))
        #expect(try held(fixture, "m-anna").isEmpty)
        #expect(try fixture.ledger.mailbox(withAddress: Self.address) == nil)
        #expect(try fixture.compare().isSame)
    }

    @Test("An import leaves it; a file that gives the address to another mailbox is refused and names the remedy")
    func imported() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["sales@example.com"])
        fixture.spool.journal(
            .assigned(address: "sales@example.com", mailboxID: "m-anna", why: ""), .mailboxSet(LedgerFixture.anna))
        #expect(try held(fixture, "m-anna") == [id])
        func plan(_ aliases: String, of name: String) throws -> RosterImport {
            let text = "mailbox,login,target,aliases\n\(name)@example.com,\(name),ox,\(aliases)\n"
            return try fixture.ledger.planImport(
                RosterFile(Array(text.utf8), name: "r.csv", targets: ["ox"]), mode: .merge)
        }
        guard case .changed(let anna, _) = try plan("a@example.com b@example.com", of: "anna").changes.first else {
            Issue.record("nothing was changed")
            return
        }
        #expect(anna.assigned == ["sales@example.com"])
        #expect { try plan("Sales@example.com", of: "bert") } throws: {
            "\($0)".contains("layover assign sales@example.com --undo")
        }
        // The roster may come to say the same; then undoing the assignment takes nothing away.
        var same = LedgerFixture.anna
        same.aliases.append("Sales@example.com")
        #expect(throws: Never.self) { try plan("a@example.com sales@example.com", of: "anna") }
        fixture.spool.journal(.mailboxSet(same), .unassigned(address: "sales@example.com", why: ""))
        #expect(try held(fixture, "m-anna") == [id])
        #expect(try fixture.compare().isSame)
    }

    @Test("After a restore the mailbox that gains an address is looked into anew: it may have got such mail before")
    func restored() throws {
        let fixture = try LedgerFixture()
        func isFlagged(_ mailbox: String) throws -> Bool {
            try fixture.ledger.catchUp()
            return try fixture.ledger.mailbox(named: mailbox).isUnreconciled
        }
        fixture.spool.journal(.assigned(address: "x@catch.example", mailboxID: "m-anna", why: ""))
        #expect(try !isFlagged("m-anna"), "nothing was restored")
        fixture.spool.journal(
            .restored(what: "", why: "a copy"), .reconciled(mailboxID: "m-anna", text: ""),
            .reconciled(mailboxID: "m-bert", text: ""))
        #expect(try !isFlagged("m-anna") && !isFlagged("m-bert"))
        fixture.spool.journal(.unassigned(address: "x@catch.example", why: ""))
        #expect(try !isFlagged("m-anna") && isFlagged("m-bert"), "the catch-all's mailbox gains it")
        fixture.spool.journal(.assigned(address: "sales@example.com", mailboxID: "m-anna", why: ""))
        #expect(try isFlagged("m-anna"))
        #expect(try fixture.compare().isSame)
    }

    @Test("Taking mail from a catch-all names the mailbox that loses it; a removed mailbox keeps no assignment")
    func losing() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["sales@catch.example"])
        #expect(try held(fixture, "m-bert") == [id])
        let address = MailAddress(localPart: "sales", domain: "catch.example")
        let change = try fixture.ledger.assignment(of: address, to: "m-anna")
        #expect(change.held == 1 && change.losing.map(\.mailbox.id) == ["m-bert"])
        fixture.spool.journal(.assigned(address: address.text, mailboxID: "m-anna", why: ""))
        #expect(try held(fixture, "m-bert").isEmpty)
        #expect(try held(fixture, "m-anna") == [id])
        fixture.spool.journal(.mailboxRemoved(id: "m-anna"), .mailboxSet(LedgerFixture.anna))
        #expect(try held(fixture, "m-bert") == [id])
        #expect(try fixture.compare().isSame)
        fixture.spool.journal(
            .assigned(address: address.text, mailboxID: "m-nobody", why: ""),
            .unassigned(address: "never@example.com", why: ""))
        #expect(try held(fixture, "m-bert") == [id])
    }
}
