import Foundation
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("Importing a roster")
struct RosterImportTests {
    private let current = [LedgerFixture.anna, LedgerFixture.bert]

    private func plan(
        _ text: String, _ mode: RosterImport.Mode = .merge, waiting: [String: Int] = [:],
        current: [RosterMailbox]? = nil
    ) throws -> RosterImport {
        let file = try RosterFile(Array(text.utf8), name: "r.csv", targets: ["ox", "zimbra"])
        return try RosterImport.plan(file, current: current ?? self.current, mode: mode) { waiting[$0] ?? 0 }
    }

    @Test("a new mailbox gets an id of 26 characters and an act")
    func added() throws {
        let plan = try plan("mailbox,target\ncarl@example.com,ox\n")
        guard case .added(let carl) = plan.changes.first else {
            Issue.record("nothing was added")
            return
        }
        #expect(MessageID(carl.id) != nil && carl.login == "carl@example.com" && carl.folder == "INBOX")
        #expect(plan.acts == [.mailboxSet(carl)])
        #expect(plan.changes[0].description == "+ carl@example.com: carl@example.com on ox")
    }

    @Test("a changed mailbox keeps its id; what the file has no column for stays")
    func changed() throws {
        let plan = try plan("mailbox,login,target,wave\nANNA@example.com,anna,zimbra,9\nbert@example.com,bert,ox,2\n")
        var anna = LedgerFixture.anna
        (anna.address, anna.target, anna.wave) = ("ANNA@example.com", "zimbra", "9")
        #expect(plan.acts == [.mailboxSet(anna)])
        #expect(plan.unchanged == 1)
        #expect(plan.changes[0].description.contains("target ox → zimbra, wave 1 → 9"))
    }

    @Test("a mailbox is known again by its id or its login when its address changes")
    func renamed() throws {
        let byID = try plan("id,mailbox,login,target\nm-anna,anna.new@example.com,anna,ox\n")
        let byLogin = try plan("mailbox,login,target\nanna.new@example.com,anna,ox\n")
        for plan in [byID, byLogin] {
            guard case .changed(let mailbox, let fields) = plan.changes.first else {
                Issue.record("nothing was changed")
                continue
            }
            #expect(mailbox.id == "m-anna" && fields.map(\.name) == ["mailbox"])
        }
    }

    @Test("replace removes what is not named, but never a mailbox with held mail")
    func replace() throws {
        let text = "mailbox,login,target,wave,aliases\nanna@example.com,anna,ox,1,a@example.com\n"
        #expect(try plan(text).acts.isEmpty)
        #expect(try plan(text, .replace).acts == [.mailboxRemoved(id: "m-bert")])
        #expect { try plan(text, .replace, waiting: ["m-bert": 3]) } throws: { error in
            let message = (error as? LedgerError)?.message ?? ""
            return message.contains("bert@example.com") && message.contains("3 deliveries")
        }
    }

    @Test("an address or login of another mailbox is refused; one that moves inside the file is not")
    func conflicts() throws {
        #expect(throws: LedgerError.self) { try plan("mailbox,target,aliases\ncarl@example.com,ox,a@example.com\n") }
        #expect(throws: LedgerError.self) { try plan("id,mailbox,login,target\nnew,carl@example.com,bert,ox\n") }
        let moved = try plan(
            "mailbox,login,target,aliases\nanna@example.com,anna,ox,\nbert@example.com,bert,ox,@catch.example a@example.com\n"
        )
        #expect(moved.changes.count == 2)
    }

    @Test("an import is projected to the roster that was planned", arguments: [RosterImport.Mode.merge, .replace])
    func roundTrip(mode: RosterImport.Mode) throws {
        let fixture = try LedgerFixture()
        try fixture.ledger.catchUp()
        let file = try RosterFile(
            Array(
                "mailbox,login,target,aliases\nbert@example.com,bert,ox,a@example.com\nanna@example.com,anna,ox,\n".utf8
            ), name: "r",
            targets: ["ox"])
        let plan = try fixture.ledger.planImport(file, mode: mode)
        for act in plan.acts { fixture.spool.journal(act) }
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.mailbox(named: "a@example.com").mailbox.id == "m-bert")
        #expect(try fixture.ledger.planImport(file, mode: mode).changes.isEmpty)
    }

    @Test("the receiver's file is sorted, lower-case, counted, and has the aliased domains")
    func snapshot() throws {
        let bytes = RosterSnapshot.bytes(current, domainAliases: ["Old.example": "Example.com"])
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(lines[0] == "layover-roster 1 7")
        #expect(
            lines.dropFirst() == [
                "@catch.example", "a@example.com", "a@old.example", "anna@example.com", "anna@old.example",
                "bert@example.com", "bert@old.example",
            ])
        let fixture = try LedgerFixture()
        try fixture.ledger.catchUp()
        try fixture.ledger.writeRosterSnapshot()
        #expect(FileManager.default.contents(atPath: fixture.layout.rosterSnapshot).map(Array.init) == bytes)
    }
}
