import MailModel
import Testing

@testable import Spool

@Suite("Acts as lines")
struct JournalActTests {
    static let hostile = [
        "", " ", "  two  ", "\n", "\r\n", "a\nAct: dropped", "\\", "\\n", "\\\\n\\", ": ", "Why: x", "\0\u{1}\u{7F}",
        "é e\u{301} 用户 🛩️",
        "\u{2028}\u{85}", String(repeating: "long ", count: 2_000),
    ]

    static let ids = (1...3).map { MessageID(high: $0, low: .max - $0) }

    static func acts(_ text: String) -> [JournalAct] {
        let digest = SHA256Hasher.digest(Array(text.utf8))
        let entry = AppendIntent.Entry(
            id: ids[0], recipient: text, merged: [text, "b@c", text], head: Array(text.utf8) + [0, 10, 13, 92, 255],
            length: 77, digest: digest)
        let bare = AppendIntent.Entry(id: ids[1], recipient: "", merged: [], head: [], length: .max, digest: .zero)
        return [
            .mailboxSet(
                RosterMailbox(
                    id: text, address: text, login: text, target: text, wave: text, aliases: [text, "@x", text],
                    kind: .shared, folder: text)),
            .mailboxSet(RosterMailbox(id: "1", address: "a@b", login: "a", target: "ox", kind: .route)),
            .mailboxRemoved(id: text),
            .cutover(mailboxIDs: [text, "2", text], at: Timestamp(milliseconds: 1_795_255_200_123), why: text),
            .cutover(mailboxIDs: [], at: Timestamp(milliseconds: -1), why: ""),
            .cutoverUndone(mailboxIDs: [text], why: text),
            .paused(mailboxIDs: [text], why: text), .resumed(mailboxIDs: [text], why: text),
            .waveClosed(name: text, why: text),
            .intent(
                AppendIntent(
                    batch: ids[2], mailboxID: text, target: text, login: text, folder: text, uidValidity: .max,
                    uidNext: 1,
                    entries: [entry, bare, entry])),
            .delivered(
                batch: ids[0], uidValidity: 0,
                copies: [DeliveredCopy(id: ids[1], uid: 0), DeliveredCopy(id: ids[2], uid: .max)]),
            .notAppended(batch: ids[0], ids: ids, reason: text),
            .notAppended(batch: ids[0], ids: ids, reason: text, mayAppear: false),
            .verified(
                batch: ids[0],
                copies: [
                    VerifiedCopy(id: ids[1], uid: 9, finding: .exact),
                    VerifiedCopy(id: ids[2], uid: 10, finding: .normalised),
                ]),
            .failed(mailboxID: text, ids: ids, errorClass: text, text: text),
            .retried(mailboxID: text, ids: ids, why: text),
            .blocked(mailboxID: text, errorClass: text, text: text), .unblocked(mailboxID: text),
            .rehearsalBegun(
                Rehearsal(
                    run: ids[0], mailboxID: text, target: text, login: text, folder: text, makesFolder: true,
                    messages: 7,
                    why: text)),
            .rehearsalEnded(run: ids[0], target: text, login: text, text: text),
            .doubtful(mailboxID: text, ids: ids, text: text),
            .doubtCleared(mailboxID: text, ids: ids, text: text),
            .missing(mailboxID: text, ids: ids),
            .acceptedUnverified(mailboxID: text, ids: ids, why: text),
            .merged(mailboxID: text, id: ids[0], recipients: [text, text]),
            .dropped(id: ids[0], recipient: text, why: text),
            .assigned(address: text, mailboxID: text, why: text), .unassigned(address: text, why: text),
            .throttled(Throttle(target: text, connections: 1, messagesPerSecond: .max, bytesPerSecond: 0), why: text),
            .throttled(Throttle(target: ""), why: ""),
            .restored(what: text, why: text), .reconciled(mailboxID: text, text: text),
            .shut(mailboxIDs: [text, text], why: text),
            .adopted(
                Adoption(
                    batch: ids[0], mailboxID: text, target: text, login: text, folder: text, uidValidity: .max,
                    copies: [
                        Adoption.Copy(
                            id: ids[1], recipient: text, merged: [text, text], length: .max, digest: digest, uid: 0,
                            isExact: true),
                        Adoption.Copy(
                            id: ids[2], recipient: "", merged: [], length: 0, digest: .zero, uid: .max, isExact: false),
                    ])),
        ]
    }

    @Test("Every act comes back as it was, whatever its strings hold", arguments: hostile)
    func roundTrip(text: String) throws {
        for act in Self.acts(text) {
            let at = Timestamp(milliseconds: 1_795_255_200_456)
            let meaning = try #require(
                JournalContent.encode(act, at: at, by: text).withUnsafeBytes { JournalContent.decode($0) })
            #expect(meaning.act == act)
            #expect(meaning.at == at)
            #expect(meaning.by == text)
        }
    }

    @Test("An act of a newer version is no act, but keeps its time and its actor")
    func unknown() throws {
        let lines = Array("Salt: 00\nAt: 2026-11-21T10:00:00.000Z\nBy: root\nAct: teleported\nWhere: x\n\n".utf8)
        let meaning = try #require(lines.withUnsafeBytes { JournalContent.decode($0) })
        #expect(meaning.act == nil)
        #expect(meaning.by == "root")
        #expect(meaning.at.rfc3339 == "2026-11-21T10:00:00.000Z")
    }

    @Test("Blank content means erased", arguments: ["", " ", "    \n", "\n"])
    func erased(text: String) { #expect(Array(text.utf8).withUnsafeBytes { JournalContent.decode($0) } == nil) }

    @Test("Equal acts have different digests, since each is salted")
    func salted() {
        let acts = (0..<2).map { _ in
            JournalContent.encode(.waveClosed(name: "a", why: "b"), at: Timestamp(milliseconds: 0), by: "c")
        }
        #expect(acts[0] != acts[1])
    }
}
