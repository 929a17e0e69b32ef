import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("The end report")
struct DeliveryReportTests {
    private let now = Timestamp(milliseconds: 1_900_000_000_000)

    /// Anna: two verified, of which one normalised and doubtful, one merged, one parked. Bert: one held. Nobody: one held.
    private func fixture() throws -> LedgerFixture {
        let fixture = try LedgerFixture()
        let spool = fixture.spool
        let first = spool.receive(to: ["anna@example.com", "a@example.com"], length: 1_000)
        let second = spool.receive(to: ["anna@example.com"], length: 2_000)
        let third = spool.receive(to: ["anna@example.com"], length: 4_000)
        spool.receive(to: ["bert@example.com"], length: 8_000)
        spool.receive(to: ["nobody@example.org"], length: 16_000)
        spool.journal(
            LedgerFixture.intent(
                1, LedgerFixture.anna,
                [LedgerFixture.entry(first, merged: ["a@example.com"]), LedgerFixture.entry(second)]),
            .delivered(
                batch: LedgerFixture.batch(1), uidValidity: 7,
                copies: [DeliveredCopy(id: first, uid: 40), DeliveredCopy(id: second, uid: 41)]),
            .verified(
                batch: LedgerFixture.batch(1),
                copies: [
                    VerifiedCopy(id: first, uid: 40, finding: .exact),
                    VerifiedCopy(id: second, uid: 41, finding: .normalised),
                ]),
            .doubtful(mailboxID: "m-anna", ids: [second], text: "two copies"),
            .failed(mailboxID: "m-anna", ids: [third], errorClass: "too-big", text: "NO [LIMIT] no: more, \"please\""),
            .blocked(mailboxID: "m-bert", errorClass: "over-quota", text: "full"))
        try fixture.ledger.catchUp()
        return fixture
    }

    @Test("It counts each mailbox, each wave and everything, with bytes, times, reasons and what is blocked")
    func counts() throws {
        let fixture = try fixture()
        let report = try fixture.ledger.report(now: now)
        #expect(report.mailboxes.map(\.mailbox) == ["anna@example.com", "bert@example.com", nil])
        let anna = report.mailboxes[0]
        #expect((anna.counts.delivered, anna.counts.verified, anna.normalised) == (2, 2, 1))
        #expect((anna.counts.merged, anna.counts.doubtful, anna.counts.failed, anna.counts.held) == (1, 1, 1, 0))
        #expect(anna.deliveredBytes == 3_000)
        #expect(anna.firstAt != nil && anna.lastAt != nil)
        #expect(
            anna.failures == [
                DeliveryReport.Failure(errorClass: "too-big", words: "NO [LIMIT] no: more, \"please\"", count: 1)
            ])
        let bert = report.mailboxes[1]
        #expect(bert.counts.held == 1 && bert.block?.errorClass == "over-quota" && bert.firstAt == nil)
        #expect(report.waves.map(\.wave) == ["1", "2"] && report.waves[0].counts == anna.counts)
        #expect(report.total.counts.total == 6 && report.total.counts.held == 2 && report.total.mailboxes == 2)
    }

    @Test("Its counts are those of the proof, for everything and for a wave")
    func proof() throws {
        let fixture = try fixture()
        let ledger = fixture.ledger
        for selection in [
            MailboxSelection.all, MailboxSelection(wave: "1"), MailboxSelection(mailboxes: ["bert@example.com"]),
        ] {
            let (counts, proved) = try (ledger.report(selection, now: now).total.counts, ledger.prove(selection).counts)
            #expect(counts.delivered == proved.delivered && counts.verified == proved.verified)
            #expect(counts.held == proved.held && counts.failed == proved.failed && counts.merged == proved.merged)
            #expect(counts.doubtful == proved.doubtful && counts.total == proved.total)
        }
    }

    @Test("What mailboxes were given that have left the roster has a line of its own, so that the total is the proof's")
    func removedMailboxes() throws {
        let fixture = try fixture()
        let before = try fixture.ledger.report(now: now).total
        fixture.spool.journal(.mailboxRemoved(id: "m-anna"))
        try fixture.ledger.catchUp()
        let report = try fixture.ledger.report(now: now)
        #expect(report.mailboxes.map(\.mailbox) == ["bert@example.com", nil, nil])
        let removed = report.mailboxes[1]
        #expect(removed.isOfRemoved && removed.counts.delivered == 2 && removed.failures.count == 1)
        #expect(!report.mailboxes[2].isOfRemoved && report.mailboxes[2].counts.held == 1)
        #expect(report.total.counts == before.counts && report.total.mailboxes == 1)
        #expect(try report.total.counts.total == fixture.ledger.prove().accepted)
        #expect(ReportFormat.json.text(report).contains(#""mailbox":null,"target":null,"state":"removed""#))
        #expect(try fixture.ledger.report(MailboxSelection(wave: "2"), now: now).mailboxes.count == 1)
    }

    @Test("CSV has a line for each mailbox, wave and the total, with as many fields as its header, and quotes words")
    func csv() throws {
        let fixture = try fixture()
        let lines = ReportFormat.csv.text(try fixture.ledger.report(now: now)).split(separator: "\r\n")
        #expect(
            lines.map { $0.prefix { $0 != "," } } == ["row", "mailbox", "mailbox", "mailbox", "wave", "wave", "total"])
        #expect(lines[0].split(separator: ",").count == ReportFormat.fields.count + 1)
        #expect(lines[1].hasSuffix(#""1 too-big: NO [LIMIT] no: more, ""please""""#))
        #expect(lines[2].split(separator: ",", omittingEmptySubsequences: false).count == ReportFormat.fields.count + 1)
    }

    @Test("Why messages are parked is told by mailbox")
    func parkedReasons() throws {
        let fixture = try fixture()
        let ledger = fixture.ledger
        #expect(try ledger.parkedReasons(mailboxID: "m-anna").map(\.errorClass) == ["too-big"])
        #expect(try ledger.parkedReasons(mailboxID: "m-bert").isEmpty)
    }
}
