import GRDB
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("The mailboxes of recipients")
struct RecipientIndexTests {
    private func index(_ database: Database, _ kept: KeptRecipients = KeptRecipients()) -> RecipientIndex {
        RecipientIndex(database, rules: LedgerFixture.rules, kept: kept)
    }

    @Test("a recipient looked up alone means the mailbox that the table of all has for it")
    func agree() throws {
        let fixture = try LedgerFixture()
        for key in RecipientResolverTests.table.map(\.0) + ["Anna@Example.com", "bert@example.com", "a+x@old.example"] {
            fixture.spool.receive(to: [key])
        }
        try fixture.ledger.catchUp()
        try fixture.ledger.database.read { (database: Database) throws -> Void in
            let (kept, alone) = (KeptRecipients(), index(database))
            let table = try kept.table(database, rules: LedgerFixture.rules)
            let recipients = try Int64.fetchAll(database, sql: "SELECT id FROM recipient")
            for recipient in recipients { #expect(try alone.mailbox(of: recipient) == table.mailbox(of: recipient)) }
            #expect(Set(try recipients.map { try alone.mailbox(of: $0) }) == [nil, 1, 2])
            #expect(try alone.mailbox(of: 9_999) == nil)
            for name in ["a@example.com", "@catch.example", "nobody@example.com"] {
                #expect(try alone.mailbox(named: name) == table.mailbox(named: name))
            }
        }
    }

    @Test("a question about a few recipients does not read the table of all, one about many does")
    func readsTheTableForMany() throws {
        let fixture = try LedgerFixture()
        let many = LedgerLimits.recipientsLookedUp + 1
        for number in 1...many { fixture.spool.receive(to: ["anna+\(number)@example.com"]) }
        try fixture.ledger.catchUp()
        try fixture.ledger.database.read { (database: Database) throws -> Void in
            let kept = KeptRecipients()
            let asked = index(database, kept)
            for recipient in 1...Int64(many) {
                #expect(!kept.isFilled)
                // Asked again, it costs nothing.
                for _ in 0..<2 { #expect(try asked.mailbox(of: recipient) == 1) }
            }
            #expect(kept.isFilled)
            #expect(try asked.recipients(of: 1).count == many)
        }
    }

    @Test("a table in memory is brought to the snapshot that is asked")
    func isBroughtUp() throws {
        let fixture = try LedgerFixture()
        fixture.spool.receive(to: ["anna@example.com"])
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.mailboxes().map(\.counts.held) == [1, 0])
        fixture.spool.receive(to: ["carl@example.com"])
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.status(now: .now()).withoutMailbox.held == 1)
        var bert = LedgerFixture.bert
        bert.aliases.append("carl@example.com")
        fixture.spool.journal(.mailboxSet(bert))
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.mailboxes().map(\.counts.held) == [1, 1])
        var filter = AuditFilter()
        filter.to = "carl@example.com"
        #expect(try fixture.ledger.audit(filter).map(\.mailbox) == ["bert@example.com"])
    }
}
