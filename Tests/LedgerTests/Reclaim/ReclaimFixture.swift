import Foundation
import GRDB
import MailModel
import Spool

@testable import Ledger

/// A spool on disk with segments of ten messages each, a journal and a Ledger; Anna is in wave 1, Bert in wave 2.
final class ReclaimFixture {
    let layout: SpoolLayout
    let journal: Journal
    private(set) var ledger: Ledger
    private(set) var ids: [MessageID] = []
    private var generator = MessageIDGenerator()
    private var batches: UInt64 = 0

    init() async throws {
        layout = try LedgerFixture.makeLayout()
        journal = try Journal(layout: layout, by: "test")
        ledger = try Ledger.open(layout: layout, role: .writer)
        try await journal.append([.mailboxSet(LedgerFixture.anna), .mailboxSet(LedgerFixture.bert)])
    }

    deinit {
        journal.close()
        ledger.close()
        try? FileManager.default.removeItem(atPath: layout.directory)
    }

    /// One more segment. Every third message is for both.
    func receiveSegment() async throws {
        let writer = try SegmentWriter(layout: layout)
        for index in 0..<10 {
            let id = generator.next(now: .now())
            let recipients = index % 3 == 2 ? ["anna@example.com", "bert@example.com"] : ["anna@example.com"]
            let text = "Subject: number \(ids.count)\r\nMessage-ID: <\(ids.count)@x>\r\n\r\nText\r\n"
            ids.append(id)
            let envelope = Envelope(
                id: id, receivedAt: .now(), sender: ReversePath(text: "s\(index)@example.net"),
                recipients: recipients.compactMap { MailAddress($0) }, client: "::1", helo: "h\(index)",
                transmission: "ESMTP")
            let body = MessageBody()
            body.append(Array(text.utf8))
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                writer.submit(
                    MessageCommit(
                        envelope: envelope, content: .memory(body), digest: SHA256Hasher.digest(Array(text.utf8))
                    ) { error in
                        if let error { continuation.resume(throwing: error) } else { continuation.resume() }
                    })
            }
        }
        writer.close()
        try ledger.catchUp()
    }

    /// Delivers and verifies messages of a mailbox.
    func deliver(_ ids: [MessageID], to mailbox: RosterMailbox = LedgerFixture.anna, verifies: Bool = true) async throws
    {
        batches += 1
        let batch = LedgerFixture.batch(batches)
        let first = UInt32(batches * 100)
        let uids = ids.indices.map { first + UInt32($0) }
        try await journal.append([
            LedgerFixture.intent(batches, mailbox, ids.map { LedgerFixture.entry($0, to: mailbox.address) }),
            .delivered(
                batch: batch, uidValidity: 7, copies: zip(ids, uids).map { DeliveredCopy(id: $0, uid: $1) }),
        ])
        if verifies {
            try await journal.append([
                .verified(
                    batch: batch, copies: zip(ids, uids).map { VerifiedCopy(id: $0, uid: $1, finding: .exact) })
            ])
        }
        try ledger.catchUp()
    }

    func journal(_ acts: JournalAct...) async throws {
        try await journal.append(acts)
        try ledger.catchUp()
    }

    func candidates(_ segment: Int, retention: Int64 = 0, now: Timestamp = .now()) throws -> [ReclaimCandidate] {
        try ledger.reclaimCandidates(
            segment: segment, rules: ReclaimRules(now: now, retentionMilliseconds: retention))
    }

    /// Gives back what may go of a segment, as far as `steps` goes.
    func reclaim(_ segment: Int, steps: Steps = .all) async throws {
        let segments = SegmentReclaim(layout: layout)
        guard case .sound(let contents) = try segments.contents(of: segment) else { return }
        let known = try candidates(segment)
        let dead = Set(known.filter { $0.obstacle == nil && !$0.isReclaimed }.map(\.id))
        let messages = contents.messages.filter { dead.contains($0.id) }.compactMap { message in
            known.first { $0.id == message.id }.map { candidate in
                ReclaimedMessage(
                    ordinal: candidate.ordinal, offset: message.position.offset,
                    recordLength: message.end.offset - message.position.offset, envelope: message.envelope,
                    length: message.length, digest: message.digest, isLarge: false, subject: candidate.subject,
                    messageID: candidate.messageID)
            }
        }
        // In two acts, as a large segment's would be.
        let half = messages.count / 2
        try await journal.append([
            .reclaimed(segment: segment, messages: Array(messages[..<half])),
            .reclaimed(segment: segment, messages: Array(messages[half...])),
        ])
        if steps == .journaled { return }
        let all = dead.union(known.filter(\.isReclaimed).map(\.id))
        let result = try segments.giveBack(contents, dead: all, large: []) { replace in
            try replace()
            return true
        }
        if steps == .replaced { return }
        try await journal.append([
            .compacted(segment: segment, kept: result?.kept ?? [], freed: result?.freed ?? 0)
        ])
        try ledger.catchUp()
    }

    enum Steps {
        case journaled, replaced, all
    }

    /// Everything that people can ask, in a form that two Ledgers can be compared by.
    func answers() throws -> [String] {
        let rows = try ledger.audit(AuditFilter())
        var answers = rows.map { "\($0)" }
        for id in ids { answers += try ledger.history(message: id).map { "\(id) \($0)" } }
        answers.append(try ledger.prove().json)
        answers += try ledger.mailboxes().map { "\($0.mailbox) \($0.counts)" }
        return answers
    }

    /// Closes the Ledger and makes it one of an older version, which lacks a table.
    func makeOlder() throws {
        ledger.close()
        let queue = try DatabaseQueue(path: layout.ledger)
        try queue.writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA user_version = \(LedgerSchema.version - 1); DROP TABLE act")
        }
        try queue.close()
    }

    /// Removes the Ledger and builds it again: by `reindex`, or by a writer that finds none.
    func rebuild(byReindex: Bool) throws {
        ledger.close()
        if byReindex {
            try Ledger.reindex(layout: layout)
        } else {
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: layout.ledger + suffix) }
        }
        ledger = try Ledger.open(layout: layout, role: .writer)
        try ledger.catchUp()
    }
}
