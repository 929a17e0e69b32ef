import MailModel
import Spool
import Testing

@testable import Ledger

/// Nobody may be delivering to a mailbox from which an import takes mail.
@Suite("Mailboxes that lose mail by an import")
struct LosingMailboxTests {
    private static let header = "mailbox,login,target,wave,aliases\n"
    private static let anna = "anna@example.com,anna,ox,1,a@example.com\n"

    /// Addresses of the mailboxes that lose mail where these rows are imported. Both are cut over.
    private static func losing(_ rows: String, held: [String] = []) throws -> [String] {
        let fixture = try LedgerFixture()
        fixture.spool.journal(.cutover(mailboxIDs: ["m-anna", "m-bert"], at: Timestamp(milliseconds: 1), why: ""))
        for recipient in held { fixture.spool.receive(to: [recipient]) }
        try fixture.ledger.catchUp()
        let file = try RosterFile(Array((header + rows).utf8), name: "r.csv", targets: ["ox", "zimbra"])
        let plan = try fixture.ledger.planImport(file, mode: .merge)
        return try fixture.ledger.mailboxesLosing(by: plan).map(\.mailbox.address)
    }

    @Test(
        "An address that changes hands, a target, login or folder that is another one",
        arguments: [
            (anna + "bert@example.com,bert,ox,2,@catch.example b@example.com\n", []),
            (anna.replacing(",1,", with: ",7,"), []),
            // Anna's alias becomes Bert's.
            ("anna@example.com,anna,ox,1,\nbert@example.com,bert,ox,2,@catch.example a@example.com\n", ["anna@"]),
            // What nobody has any more waits again.
            ("anna@example.com,anna,ox,1,\n", ["anna@"]),
            ("anna@example.com,anna,zimbra,1,a@example.com\n", ["anna@"]),
            ("anna@example.com,anna2,ox,1,a@example.com\n", ["anna@"]),
            // Out of Bert's catch-all.
            ("carl@example.com,carl,ox,1,c@catch.example\n", ["bert@"]),
        ])
    func places(rows: String, losing: [String]) throws {
        #expect(try Self.losing(rows).map { String($0.prefix { $0 != "@" }) + "@" } == losing)
    }

    @Test("Mail that is held for an address in an old domain means another mailbox once the new one has it")
    func oldDomain() throws {
        let rows = "carl@example.com,carl,ox,1,x@example.com\nbert@example.com,bert,ox,2,@catch.example x@old.example\n"
        let fixture = try LedgerFixture()
        var bert = LedgerFixture.bert
        bert.aliases.append("x@old.example")
        fixture.spool.journal(
            .mailboxSet(bert), .cutover(mailboxIDs: ["m-bert"], at: Timestamp(milliseconds: 1), why: ""))
        fixture.spool.receive(to: ["x@old.example"])
        try fixture.ledger.catchUp()
        let file = try RosterFile(Array((Self.header + rows).utf8), name: "r.csv", targets: ["ox"])
        let plan = try fixture.ledger.planImport(file, mode: .merge)
        #expect(try fixture.ledger.mailboxesLosing(by: plan).map(\.mailbox.address) == ["bert@example.com"])
    }

    @Test("A mailbox with parked mail is not removed: nobody could take that mail up again")
    func parked() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        fixture.spool.journal(.failed(mailboxID: "m-anna", ids: [id], errorClass: "too-big", text: "NO"))
        try fixture.ledger.catchUp()
        let file = try RosterFile(
            Array((Self.header + "bert@example.com,bert,ox,2,@catch.example\n").utf8), name: "r.csv", targets: ["ox"])
        #expect { try fixture.ledger.planImport(file, mode: .replace) } throws: {
            "\($0)".contains("anna@example.com is not in the file but 1 deliveries still wait")
        }
    }
}
