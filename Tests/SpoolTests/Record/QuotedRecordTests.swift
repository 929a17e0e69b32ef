import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("A mail that quotes the spool")
struct QuotedRecordTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk: PowerCutFileSystem

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        disk = PowerCutFileSystem(root: scratch.path, seed: 1)
    }

    /// A spool of one segment whose second message holds the segment as it was before.
    private func quotingSpool() async throws -> [TestMessage] {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        var messages = [TestMessage(1, text: "first")]
        _ = await writer.send(messages)
        messages.append(TestMessage(2, bytes: try #require(disk.content(of: layout.segment(1)))))
        _ = await writer.send([messages[1]])
        messages.append(TestMessage(3, text: "third"))
        _ = await writer.send([messages[2]])
        writer.close()
        return messages
    }

    @Test("Records quoted inside a mail are not taken for records")
    func quoted() async throws {
        let sent = try await quotingSpool()
        let found = try SpoolReader(layout: layout, fileSystem: disk).everything()
        #expect(found.messages.map(\.id) == sent.map(\.id))
        #expect(found.bytes == sent.map(\.bytes))
        #expect(found.damage.isEmpty)
    }

    @Test("Nor are they when the envelope before them is damaged")
    func quotedBehindDamage() async throws {
        let sent = try await quotingSpool()
        let second = try SpoolReader(layout: layout, fileSystem: disk).everything().messages[1].position.offset
        disk.corrupt(layout.segment(1)) { $0[second + RecordHeader.length + 20] ^= 1 }
        let found = try SpoolReader(layout: layout, fileSystem: disk).everything()
        #expect(found.messages.map(\.id) == [sent[0].id, sent[2].id])
        #expect(found.damage.map(\.offset) == [second])
    }

    @Test("A mail that brings records of its own making adds none, also when the segment's beginning is destroyed")
    func forged() async throws {
        let hasher = SHA256Hasher()
        let nonce = Array("0123456789abcdef".utf8)
        let forged = TestMessage(7, text: "forged")
        let lines = forged.commit { _ in }.envelopeLines
        let prefix = RecordHeader.prefix(
            nonce: nonce, kind: .message, name: forged.id.bytes, envelopeLength: lines.count,
            messageLength: forged.bytes.count,
            digest: forged.digest, synced: 0)
        let digest = SHA256Hasher.digest(prefix + lines)
        let record =
            RecordHeader.finish(prefix, recordDigest: digest, hasher: hasher) + lines + forged.bytes + [lineFeed]
        let bait = TestMessage(1, bytes: (0..<20).flatMap { _ in record })
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        let sent = [bait] + (2...4).map { TestMessage($0, bytes: [UInt8](repeating: 0x78, count: 6_000)) }
        for message in sent { _ = await writer.send([message]) }
        writer.close()
        disk.corrupt(layout.segment(1)) { for index in 0..<512 { $0[index] = 0 } }
        let found = try SpoolReader(layout: layout, fileSystem: disk).everything()
        #expect(found.messages.map(\.id) == sent.dropFirst().map(\.id))
        #expect(!found.damage.isEmpty)
    }
}
