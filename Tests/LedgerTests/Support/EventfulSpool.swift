import MailModel
import Spool

/// Fills a scripted spool with everything that can happen to mail, in `steps` after each of which `between` is called.
struct EventfulSpool {
    let spool: ScriptedSpool

    func fill(steps: Int, messages: Int, between: () throws -> Void) rethrows {
        spool.journal(.mailboxSet(LedgerFixture.anna), .mailboxSet(LedgerFixture.bert))
        for step in 0..<steps {
            let ids = (0..<messages).map { receive(step * messages + $0) }
            try between()
            act(on: ids, step)
            if step % 2 == 1 { spool.copyForward(step * messages) }
            try between()
        }
    }

    private func receive(_ number: Int) -> MessageID {
        let recipients: [[String]] = [
            ["anna@example.com"], ["Anna@Example.com", "a@example.com"], ["bert@example.com", "nobody@example.com"],
            ["x\(number)@catch.example", "anna@old.example"], ["anna@example.com", "ANNA@example.com"],
        ]
        return spool.receive(
            from: number % 7 == 0 ? "" : "Sender\(number % 13)@example.net", to: recipients[number % recipients.count],
            subject: number % 3 == 0
                ? "=?utf-8?Q?Gr=C3=BC=C3=9Fe?= \(number)" : number % 3 == 1 ? "" : "Number \(number)",
            messageID: number % 11 == 0 ? "" : number % 5 == 0 ? "<again@example.net>" : nil, length: 100 + number,
            client: "192.0.2.\(number % 17)", isLarge: number % 10 == 9)
    }

    private func act(on ids: [MessageID], _ step: Int) {
        let number = UInt64(step * 10)
        let (first, second) = (LedgerFixture.batch(number), LedgerFixture.batch(number + 1))
        let entry = { (index: Int, merged: [String]) in LedgerFixture.entry(ids[index], merged: merged) }
        spool.journal(
            .cutover(mailboxIDs: ["m-anna"], at: Timestamp(milliseconds: 1_800_000_000_000), why: "step \(step)"),
            LedgerFixture.intent(
                number, LedgerFixture.anna, [entry(0, []), entry(1, ["a@example.com"]), entry(4, [])]),
            .delivered(
                batch: first, uidValidity: 7,
                copies: [DeliveredCopy(id: ids[0], uid: 40), DeliveredCopy(id: ids[1], uid: 41)]),
            .notAppended(batch: first, ids: [ids[4]], reason: "NO over quota"),
            .verified(batch: first, copies: [VerifiedCopy(id: ids[0], uid: 40, finding: .exact)]), nil,
            LedgerFixture.intent(number + 1, LedgerFixture.anna, [entry(4, []), entry(5, [])]),
            .failed(mailboxID: "m-bert", ids: [ids[2]], errorClass: "refused", text: "NO too strange"),
            .doubtful(mailboxID: "m-anna", ids: [ids[1]], text: "two copies"),
            .delivered(batch: second, uidValidity: 7, copies: [DeliveredCopy(id: ids[5], uid: 42)]),
            .merged(mailboxID: "m-anna", id: ids[6], recipients: ["a@example.com"]),
            .dropped(id: ids[3], recipient: "", why: "asked for"),
            .blocked(mailboxID: "m-bert", errorClass: "over-quota", text: "full"),
            .blocked(mailboxID: "m-anna", errorClass: "unavailable", text: "BYE"), .unblocked(mailboxID: "m-anna"),
            .rehearsalBegun(LedgerFixture.rehearsal(number)), .rehearsalBegun(LedgerFixture.rehearsal(number + 1)),
            .rehearsalEnded(run: first, target: "ox", login: "anna", text: "clean"),
            .paused(mailboxIDs: ["m-bert", "m-unknown"], why: "slow"), .waveClosed(name: "1", why: "done"),
            .throttled(Throttle(target: "ox", connections: step), why: "slow"),
            .delivered(batch: LedgerFixture.batch(9_999), uidValidity: 1, copies: []))
        if step % 2 == 0 {
            spool.journal(
                .retried(mailboxID: "m-bert", ids: [ids[2]], why: "mended"),
                .resumed(mailboxIDs: ["m-bert"], why: "quick again"),
                .mailboxRemoved(id: "m-bert"), .mailboxSet(LedgerFixture.bert))
        }
    }
}
