import Foundation
import MailModel
import Spool

@testable import Ledger

/// A small spool on disk with a Ledger beside it: two mailboxes, three messages for Anna, the first of them verified.
struct SpoolOnDisk {
    let layout: SpoolLayout

    init() async throws {
        layout = try LedgerFixture.makeLayout()
        let writer = try SegmentWriter(layout: layout)
        var ids = MessageIDGenerator()
        var messages: [MessageID] = []
        for number in 0..<3 {
            let id = ids.next(now: .now())
            messages.append(id)
            let body = MessageBody()
            body.append(Array("Subject: \(number)\r\n\r\n".utf8))
            let digest = SHA256Hasher.digest(Array("Subject: \(number)\r\n\r\n".utf8))
            let envelope = Envelope(
                id: id, receivedAt: .now(), sender: .null,
                recipients: [MailAddress("anna@example.com")].compactMap(\.self), client: "::1", helo: "h",
                transmission: "ESMTP")
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                writer.submit(
                    MessageCommit(envelope: envelope, content: .memory(body), digest: digest) { error in
                        if let error { continuation.resume(throwing: error) } else { continuation.resume() }
                    })
            }
        }
        writer.close()
        try act(
            .mailboxSet(LedgerFixture.anna), .mailboxSet(LedgerFixture.bert),
            .cutover(mailboxIDs: [LedgerFixture.anna.id], at: Timestamp(milliseconds: 0), why: ""),
            LedgerFixture.intent(1, LedgerFixture.anna, [LedgerFixture.entry(messages[0])]),
            .delivered(
                batch: LedgerFixture.batch(1), uidValidity: 7, copies: [DeliveredCopy(id: messages[0], uid: 40)]),
            .verified(
                batch: LedgerFixture.batch(1), copies: [VerifiedCopy(id: messages[0], uid: 40, finding: .exact)]))
        try catchUp()
    }

    private init(_ layout: SpoolLayout) { self.layout = layout }

    func remove() { try? FileManager.default.removeItem(atPath: layout.directory) }

    func act(_ acts: JournalAct...) throws {
        let journal = try Journal(layout: layout, by: "test")
        for act in acts { try journal.appendBlocking([act]) }
        journal.close()
    }

    func catchUp() throws {
        let ledger = try Ledger.open(layout: layout, role: .writer)
        try ledger.catchUp()
        ledger.close()
    }

    /// The same at another place; it takes itself for the original, as a snapshot of a disk does.
    func snapshot() throws -> SpoolOnDisk {
        let copy = SpoolLayout(directory: layout.directory + "-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.copyItem(atPath: layout.directory, toPath: copy.directory)
        try SpoolPlace(layout: copy).renew()
        return SpoolOnDisk(copy)
    }

    func look() throws -> RestoreNotice? {
        let journal = try Journal(layout: layout, by: "test")
        defer { journal.close() }
        return try RestoreWatch(journal: journal).look()
    }

    func withLedger<Value>(_ body: (Ledger) throws -> Value) throws -> Value {
        let ledger = try Ledger.open(layout: layout, role: .writer)
        defer { ledger.close() }
        try ledger.catchUp()
        return try body(ledger)
    }

    func truncate(_ path: String, to size: Int) throws {
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: UInt64(size))
        try file.close()
    }

    func size(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }
}
