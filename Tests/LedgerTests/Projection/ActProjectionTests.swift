import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("What each act does")
struct ActProjectionTests {
    private let now = Timestamp(milliseconds: 1_900_000_000_000)

    @Test("an intent makes the delivery and those merged with it appending, and counts an attempt")
    func intent() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com", "a@example.com", "bert@example.com"])
        fixture.spool.journal(
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(id, merged: ["a@example.com"])]))
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["appending", "appending", "held"])
        #expect(try fixture.row(id)?.attempts == 1)
        #expect(try fixture.row(id)?.mailbox == "anna@example.com")
        let intents = try fixture.ledger.openIntents(mailboxID: "m-anna")
        #expect(intents.map(\.intent.batch) == [LedgerFixture.batch(1)])
        #expect(intents.first?.intent.entries == [LedgerFixture.entry(id, merged: ["a@example.com"])])
        #expect(intents.first?.intent.uidNext == 40)
    }

    @Test("delivered, then verified: the copy has UID and times, the merged recipient shares it")
    func deliveredAndVerified() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com", "a@example.com"])
        fixture.spool.journal(
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(id, merged: ["a@example.com"])]),
            .delivered(batch: LedgerFixture.batch(1), uidValidity: 7, copies: [DeliveredCopy(id: id, uid: 41)]))
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["delivered", "merged"])
        #expect(try fixture.ledger.openIntents(mailboxID: "m-anna").isEmpty)
        let copy = try #require(try fixture.ledger.unverified(mailboxID: "m-anna", limit: 10).first)
        #expect(
            copy.uid == 41 && copy.uidValidity == 7 && copy.length == 517 && copy.digest == ScriptedSpool.digest(99))
        #expect(copy.batch == LedgerFixture.batch(1) && copy.folder == "INBOX" && copy.recipient == "anna@example.com")

        fixture.spool.journal(
            .verified(batch: LedgerFixture.batch(1), copies: [VerifiedCopy(id: id, uid: 41, finding: .normalised)]))
        try fixture.ledger.catchUp()
        let row = try #require(try fixture.row(id))
        #expect(
            row.state == .verified && row.uid == 41 && row.finding == "normalised" && row.deliveredAt != nil
                && row.verifiedAt != nil)
        #expect(try fixture.ledger.unverified(mailboxID: "m-anna", limit: 10).isEmpty)
    }

    @Test("not appended: held again with the reason, and open for the next batch")
    func notAppended() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        fixture.spool.journal(
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(id)]),
            .notAppended(batch: LedgerFixture.batch(1), ids: [id], reason: "NO over quota"))
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["held"])
        #expect(try fixture.row(id)?.lastError == "NO over quota")
        #expect(try fixture.ledger.openIntents(mailboxID: "m-anna").isEmpty)
        #expect(try fixture.ledger.heldMail(mailboxID: "m-anna", limit: 10).map(\.attempts) == [1])
    }

    @Test("of an attempt whose token never went out nothing can appear; of the others it is told since when")
    func neverSent() throws {
        let fixture = try LedgerFixture()
        let ids = (0..<2).map { _ in fixture.spool.receive(to: ["anna@example.com"]) }
        fixture.spool.journal(
            LedgerFixture.intent(1, LedgerFixture.anna, ids.map { LedgerFixture.entry($0) }),
            .notAppended(batch: LedgerFixture.batch(1), ids: [ids[0]], reason: "cut off", mayAppear: false),
            .notAppended(batch: LedgerFixture.batch(1), ids: [ids[1]], reason: "NO"))
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.heldMail(mailboxID: "m-anna", limit: 10).map(\.attempts) == [1, 1])
        #expect(try fixture.ledger.openIntents(mailboxID: "m-anna").isEmpty)
        let attempts = try fixture.ledger.earlierAttempts(mailboxID: "m-anna", ids: ids)
        #expect(attempts.map { $0.entries.map(\.id) } == [[ids[1]]])
        let recent = try fixture.ledger.attemptsTakenBack(since: Timestamp(milliseconds: 0))
        #expect(recent.map(\.ids) == [[ids[1]]] && recent.map(\.mailboxID) == ["m-anna"])
        let at = try #require(recent.first?.at)
        #expect(try fixture.ledger.attemptsTakenBack(since: at).count == 1)
        #expect(try fixture.ledger.attemptsTakenBack(since: at.adding(milliseconds: 1)).isEmpty)
        #expect(try fixture.compare().isSame)
    }

    @Test("a batch partly resolved stays open with what is left")
    func partlyResolved() throws {
        let fixture = try LedgerFixture()
        let ids = (0..<3).map { _ in fixture.spool.receive(to: ["anna@example.com"]) }
        fixture.spool.journal(
            LedgerFixture.intent(1, LedgerFixture.anna, ids.map { LedgerFixture.entry($0) }),
            .delivered(batch: LedgerFixture.batch(1), uidValidity: 7, copies: [DeliveredCopy(id: ids[0], uid: 40)]),
            .notAppended(batch: LedgerFixture.batch(1), ids: [ids[2]], reason: "gone"))
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.openIntents(mailboxID: "m-anna").map { $0.intent.entries.map(\.id) } == [[ids[1]]])
        #expect(try fixture.ledger.mailbox(named: "m-anna").openIntents == 1)
    }

    @Test("a copy found after it was taken back is delivered all the same")
    func lateCopy() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        fixture.spool.journal(
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(id)]),
            .notAppended(batch: LedgerFixture.batch(1), ids: [id], reason: "not there"),
            .delivered(batch: LedgerFixture.batch(1), uidValidity: 7, copies: [DeliveredCopy(id: id, uid: 44)]))
        try fixture.ledger.catchUp()
        #expect(try fixture.row(id)?.uid == 44)
        #expect(try fixture.ledger.openIntents(mailboxID: "m-anna").isEmpty)
    }

    @Test("failed parks without an intent too; retried holds again; parked mail is not offered")
    func failedAndRetried() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["bert@example.com", "a+news@old.example"])
        fixture.spool.journal(.failed(mailboxID: "m-anna", ids: [id], errorClass: "too-big", text: "over the limit"))
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["held", "failed"])
        #expect(try fixture.ledger.parked(mailboxID: "m-anna") == [id])
        #expect(try fixture.ledger.heldMail(mailboxID: "m-anna", limit: 10).isEmpty)
        fixture.spool.journal(.retried(mailboxID: "m-anna", ids: [id], why: ""))
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["held", "held"])
        #expect(try fixture.ledger.parked(mailboxID: "m-anna").isEmpty)
        #expect(try fixture.ledger.heldMail(mailboxID: "m-anna", limit: 10).map(\.recipient) == ["a+news@old.example"])
    }

    @Test("a blocked mailbox says why until it is unblocked or retried; a later wish to retry has a higher number")
    func blocked() throws {
        let fixture = try LedgerFixture()
        fixture.spool.journal(.blocked(mailboxID: "m-anna", errorClass: "over-quota", text: "full"))
        try fixture.ledger.catchUp()
        let blocked = try fixture.ledger.mailbox(named: "anna@example.com")
        #expect(blocked.block?.errorClass == "over-quota" && blocked.block?.text == "full" && blocked.lastRetry == 0)
        #expect(try fixture.ledger.mailboxToReplay(id: "m-anna")?.block == blocked.block)
        fixture.spool.journal(.unblocked(mailboxID: "m-anna"))
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.mailbox(named: "anna@example.com").block == nil)
        fixture.spool.journal(
            .blocked(mailboxID: "m-anna", errorClass: "credentials", text: "NO"),
            .retried(mailboxID: "m-anna", ids: [], why: "mended"))
        try fixture.ledger.catchUp()
        let retried = try fixture.ledger.mailbox(named: "anna@example.com")
        #expect(retried.block == nil && retried.lastRetry > 0)
        fixture.spool.journal(.retried(mailboxID: "m-anna", ids: [], why: "again"))
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.mailbox(named: "anna@example.com").lastRetry > retried.lastRetry)
        #expect(try fixture.ledger.history(mailboxID: "m-anna").suffix(2).map(\.why) == ["mended", "again"])
    }

    @Test("a rehearsal is open until it has ended in that account, and touches no delivery")
    func rehearsal() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        let (one, two) = (LedgerFixture.rehearsal(1), LedgerFixture.rehearsal(2))
        fixture.spool.journal(.rehearsalBegun(one), .rehearsalBegun(two))
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.openRehearsals().map(\.rehearsal) == [one, two])
        fixture.spool.journal(.rehearsalEnded(run: one.run, target: "ox", login: "anna", text: "clean"))
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.openRehearsals().map(\.rehearsal) == [two])
        #expect(try fixture.states(id) == ["held"])
        #expect(try fixture.row(id)?.attempts == 0)
        let history = try fixture.ledger.history(mailboxID: "m-anna")
        #expect(history.suffix(3).map(\.kind) == ["rehearsal_begun", "rehearsal_begun", "rehearsal_ended"])
    }

    @Test("the largest held message is told by mailbox; what is delivered or parked does not count")
    func largestHeld() throws {
        let fixture = try LedgerFixture()
        fixture.spool.receive(to: ["anna@example.com", "a@example.com"], length: 700)
        let parked = fixture.spool.receive(to: ["anna@example.com"], length: 9_000)
        fixture.spool.receive(to: ["x@catch.example"], length: 300)
        fixture.spool.journal(.failed(mailboxID: "m-anna", ids: [parked], errorClass: "too-big", text: "NO"))
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.largestHeld() == ["m-anna": 700, "m-bert": 300])
    }

    @Test("a refusal answers an open intent")
    func failedClosesIntent() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        fixture.spool.journal(
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(id)]),
            .failed(mailboxID: "m-anna", ids: [id], errorClass: "poison", text: "BAD"))
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["failed"])
        #expect(try fixture.row(id)?.lastError == "poison: BAD")
        #expect(try fixture.ledger.openIntents(mailboxID: "m-anna").isEmpty)
    }

    @Test("doubtful is a mark that stays when the message is delivered")
    func doubtful() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        fixture.spool.journal(
            .doubtful(mailboxID: "m-anna", ids: [id], text: "holes in the UIDs"),
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(id)]),
            .delivered(batch: LedgerFixture.batch(1), uidValidity: 7, copies: [DeliveredCopy(id: id, uid: 44)]))
        try fixture.ledger.catchUp()
        let row = try #require(try fixture.row(id))
        #expect(row.isDoubtful && row.state == .delivered)
        #expect(try fixture.ledger.status(now: now).counts.doubtful == 1)
        #expect(try fixture.ledger.prove().counts.doubtful == 1)
    }

    @Test("A doubt that is cleared is gone from all counts, of its own mailbox only, and stands in the history")
    func doubtCleared() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com", "bert@example.com"])
        fixture.spool.journal(
            .doubtful(mailboxID: "m-anna", ids: [id], text: "holes in the UIDs"),
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(id)]),
            .delivered(batch: LedgerFixture.batch(1), uidValidity: 7, copies: [DeliveredCopy(id: id, uid: 44)]),
            .doubtCleared(mailboxID: "m-bert", ids: [id], text: "of another"))
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.prove().counts.doubtful == 1)
        fixture.spool.journal(.doubtCleared(mailboxID: "m-anna", ids: [id], text: "one copy"))
        try fixture.ledger.catchUp()
        let row = try #require(try fixture.row(id))
        #expect(!row.isDoubtful && row.state == .delivered && row.lastError == nil)
        #expect(try fixture.ledger.status(now: now).counts.doubtful == 0)
        #expect(try fixture.ledger.prove().counts.doubtful == 0 && fixture.ledger.prove().isBalanced)
        #expect(try fixture.ledger.history(message: id).map(\.kind).suffix(1) == ["doubt_cleared"])
        #expect(try fixture.compare().differences.isEmpty)
    }

    @Test("A copy that a person takes for good unseen stays delivered, waits for no comparison, and says so")
    func acceptedUnverified() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        let act = JournalAct.acceptedUnverified(mailboxID: "m-anna", ids: [id], why: "deleted by its owner")
        fixture.spool.journal(LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(id)]), act)
        try fixture.ledger.catchUp()
        // What is not delivered cannot be taken for good.
        #expect(try fixture.row(id)?.finding == nil && fixture.states(id) == ["appending"])
        fixture.spool.journal(
            .delivered(batch: LedgerFixture.batch(1), uidValidity: 7, copies: [DeliveredCopy(id: id, uid: 44)]))
        try fixture.ledger.catchUp()
        #expect(try fixture.ledger.unverified(wave: LedgerFixture.anna.wave).map(\.others) == [[id]])
        fixture.spool.journal(
            .doubtful(mailboxID: "m-anna", ids: [id], text: "moved or deleted"),
            .missing(mailboxID: "m-anna", ids: [id]))
        try fixture.ledger.catchUp()
        let missing = try fixture.ledger.unverified(wave: LedgerFixture.anna.wave)
        #expect(missing.map(\.missing) == [[id]] && missing.map(\.others) == [[]])
        #expect(try fixture.row(id)?.finding == "missing" && fixture.row(id)?.isDoubtful == true)
        fixture.spool.journal(act)
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["delivered"])
        #expect(try fixture.row(id)?.finding == "accepted: deleted by its owner")
        #expect(try fixture.ledger.prove().counts.doubtful == 0 && fixture.compare().differences.isEmpty)
        #expect(try fixture.ledger.unverified(wave: LedgerFixture.anna.wave).isEmpty)
        #expect(try fixture.ledger.unverified(mailboxID: "m-anna", limit: 10).isEmpty)
        // Found after all, it is verified like any other.
        fixture.spool.journal(
            .verified(batch: LedgerFixture.batch(1), copies: [VerifiedCopy(id: id, uid: 44, finding: .exact)]))
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["verified"])
    }

    @Test("merged and dropped settle only what still waits")
    func mergedAndDropped() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com", "a@example.com", "bert@example.com"])
        fixture.spool.journal(
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(id)]),
            .delivered(batch: LedgerFixture.batch(1), uidValidity: 7, copies: [DeliveredCopy(id: id, uid: 44)]))
        try fixture.ledger.catchUp()
        let again = try #require(try fixture.ledger.heldMail(mailboxID: "m-anna", limit: 10).first)
        #expect(again.isAlreadyThere && again.recipient == "a@example.com")
        fixture.spool.journal(
            .merged(mailboxID: "m-anna", id: id, recipients: ["A@example.com"]),
            .dropped(id: id, recipient: "", why: "asked for"))
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["delivered", "merged", "dropped"])
        #expect(try fixture.ledger.history(message: id).map(\.kind) == ["intent", "delivered", "merged", "dropped"])
        #expect(try fixture.ledger.history(message: id).last?.why == "asked for")
    }

    @Test("cutover, undo, pause and resume move a mailbox between its states")
    func cutover() throws {
        let fixture = try LedgerFixture()
        fixture.spool.receive(to: ["anna@example.com"])
        func state() throws -> String {
            try fixture.ledger.catchUp()
            return try fixture.ledger.mailbox(named: "a@example.com").state(now: now)
        }
        #expect(try state() == "holding")
        fixture.spool.journal(
            .cutover(mailboxIDs: ["m-anna"], at: Timestamp(milliseconds: 1_800_000_000_000), why: "wave 1"))
        #expect(try state() == "replaying, 1 left")
        #expect(try fixture.ledger.dueMailboxes(now: now).map(\.mailbox.id) == ["m-anna"])
        fixture.spool.journal(.paused(mailboxIDs: ["m-anna"], why: ""))
        #expect(try state() == "paused, 1 left")
        #expect(try fixture.ledger.dueMailboxes(now: now).isEmpty)
        #expect(try fixture.ledger.status(now: now).heldAfterCutover == 1)
        fixture.spool.journal(
            .resumed(mailboxIDs: ["m-anna"], why: ""), .cutoverUndone(mailboxIDs: ["m-anna"], why: ""))
        #expect(try state() == "holding")
        fixture.spool.journal(.cutover(mailboxIDs: ["m-anna"], at: now.adding(milliseconds: 1), why: ""))
        #expect(try state().hasPrefix("holding until "))
        #expect(try fixture.ledger.nextCutover(after: now) == now.adding(milliseconds: 1))
        #expect(try fixture.ledger.history(mailboxID: "m-anna").count == 6)
    }

    @Test("a mailbox renamed keeps its number; one removed lets its addresses go")
    func rosterActs() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["a@example.com"])
        var renamed = LedgerFixture.anna
        renamed.address = "anna.new@example.com"
        renamed.login = "anna2"
        fixture.spool.journal(.mailboxSet(renamed))
        try fixture.ledger.catchUp()
        #expect(try fixture.row(id)?.mailbox == "anna.new@example.com")
        #expect(try fixture.ledger.mailbox(named: "m-anna").mailbox == renamed)
        #expect(throws: LedgerError.self) { try fixture.ledger.mailbox(named: "anna@example.com") }
        fixture.spool.journal(.mailboxRemoved(id: "m-anna"))
        try fixture.ledger.catchUp()
        #expect(try fixture.row(id)?.mailbox == nil)
        #expect(try fixture.ledger.status(now: now).withoutMailbox.held == 1)
        #expect(try fixture.ledger.roster() == [LedgerFixture.bert])
    }
}
