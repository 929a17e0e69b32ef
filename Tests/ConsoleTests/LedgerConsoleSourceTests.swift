import Console
import Foundation
import Ledger
import MailModel
import Spool
import Testing

@Suite("The status from a spool on disk")
struct LedgerConsoleSourceTests {
    private let layout: SpoolLayout

    init() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("console-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        layout = SpoolLayout(directory: directory)
    }

    private func source(
        floor: FreeFloor = .bytes(ByteCount(1)), replay: ReplayFigures? = nil, receiver: ReceiverFigures? = nil
    ) -> LedgerConsoleSource {
        LedgerConsoleSource(
            identity: .init(hostname: "mx1.example.com", version: "0.1.0", startedAt: SampleStatus.now), layout: layout,
            floor: floor,
            receiver: { receiver }, replay: { replay },
            ledger: { [layout] in try Ledger.open(layout: layout, role: .reader) })
    }

    private func receive(_ writer: SegmentWriter, for recipient: String, at time: Timestamp) async throws {
        let text = Array("Subject: held\r\n\r\nText\r\n".utf8)
        let (body, hasher) = (MessageBody(), SHA256Hasher())
        body.append(text)
        hasher.update(text)
        let (digest, id) = (
            hasher.finish(), MessageID(milliseconds: UInt64(time.milliseconds), random: 1, UInt64(time.milliseconds))
        )
        let envelope = Envelope(
            id: id, receivedAt: time, sender: .null, recipients: [MailAddress(recipient)].compactMap { $0 },
            client: "::1", helo: "h",
            transmission: "ESMTP")
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            writer.submit(
                MessageCommit(envelope: envelope, content: .memory(body), digest: digest) { error in
                    if let error { continuation.resume(throwing: error) } else { continuation.resume() }
                })
        }
    }

    @Test("What is in spool and journal stands in the status, as far as the Ledger has read")
    func wholeWay() async throws {
        defer { try? FileManager.default.removeItem(atPath: layout.directory) }
        let writer = try SegmentWriter(layout: layout)
        let journal = try Journal(layout: layout, by: "test")
        let ledger = try Ledger.open(layout: layout, role: .writer)
        let anna = RosterMailbox(id: "m1", address: "anna@example.com", login: "anna", target: "ox", wave: "1")
        let bob = RosterMailbox(id: "m2", address: "bob@example.com", login: "bob", target: "ox", wave: "1")
        try await journal.append([
            .mailboxSet(anna), .mailboxSet(bob), .cutover(mailboxIDs: ["m2"], at: Timestamp(seconds: 0), why: ""),
        ])
        for minutes in [5, 3, 4] as [Int64] {
            try await receive(
                writer, for: "bob@example.com", at: SampleStatus.now.adding(milliseconds: minutes * 60_000))
        }
        try await receive(writer, for: "nobody@example.com", at: SampleStatus.now)
        try ledger.catchUp()
        let source = source(replay: ReplayFigures(isFollowing: true, mailboxErrors: ["m1": "NO"]))
        let first = try #require(try await source.status().ledger.figures)
        #expect(first.deliveries.held == 4 && first.deliveries.accepted == nil && first.heldWithoutMailbox == 1)
        #expect(first.mailboxes.map(\.state) == ["holding", "replaying, 3 left"])
        #expect(first.mailboxes.map(\.phase) == [.holding, .replaying])
        #expect(first.mailboxes.map(\.lastError) == ["NO", nil])
        #expect(first.waves == [WaveFigures(name: "1", isClosed: false, mailboxes: 2, cutOver: 1, held: 3)])
        // The first in the order of arrival, not the one with the earliest clock.
        #expect(first.oldestHeldAt == SampleStatus.now.adding(milliseconds: 300_000))
        #expect(first.lagSeconds == 0 && first.heldBytes > 0)

        try await receive(writer, for: "anna@example.com", at: SampleStatus.now.adding(milliseconds: 1))
        #expect(try await source.status().ledger.figures?.deliveries.held == 4)
        try ledger.catchUp()
        let second = try #require(try await source.status().ledger.figures)
        #expect(second.deliveries.held == 5)
        #expect(second.oldestHeldAt == SampleStatus.now.adding(milliseconds: 1))
        writer.close()
        journal.close()
        ledger.close()
    }

    @Test("A Ledger that is missing is told, and read once it is there; the receiver's health does not hang on it")
    func missing() async throws {
        defer { try? FileManager.default.removeItem(atPath: layout.directory) }
        let source = source(receiver: ReceiverFigures(isRunning: true))
        guard case .unreadable(let reason) = try await source.status().ledger else {
            Issue.record("There is no Ledger to be read.")
            return
        }
        #expect(!reason.isEmpty)
        try SegmentWriter(layout: layout).close()
        let ledger = try Ledger.open(layout: layout, role: .writer)
        try ledger.catchUp()
        #expect(try await source.status().ledger.figures?.deliveries.held == 0)
        ledger.close()
    }

    @Test("A spool directory that is gone is an error, not a calm status")
    func noDirectory() async throws {
        try FileManager.default.removeItem(atPath: layout.directory)
        await #expect(throws: SpoolError.self) { try await source().status() }
    }

    @Test("The disk's figures are the file system's, with the floor asked for")
    func disk() async throws {
        defer { try? FileManager.default.removeItem(atPath: layout.directory) }
        let status = try await source(floor: .percent(100)).status()
        #expect(status.disk.totalBytes > 0 && !status.disk.hasBytes)
        #expect(status.hostname == "mx1.example.com" && status.startedAt == SampleStatus.now)
    }
}
