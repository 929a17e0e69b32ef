import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("Bytes that changed on disk")
struct SegmentCorruptionTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk: PowerCutFileSystem
    private let messages = (1...5).map { TestMessage($0, text: "Subject: \($0)\r\n\r\nbody of message \($0)\r\n") }

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        disk = PowerCutFileSystem(root: scratch.path, seed: 1)
    }

    /// Five messages, each a group of its own; then an orderly end, or a kill.
    private func fill(sealed: Bool) async throws -> PowerCutFileSystem {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        for message in messages { _ = await writer.send([message]) }
        let killed = disk.afterKill()
        writer.close()
        return sealed ? disk : killed
    }

    /// What a reader gets, each message with its bytes where they are sound.
    private func serve(_ disk: PowerCutFileSystem) throws -> (
        intact: [MessageID], damaged: [MessageID], damage: [SpoolDamage]
    ) {
        let reader = SpoolReader(layout: layout, fileSystem: disk)
        let page = try reader.messages(from: .start, end: reader.stableEnd(), limit: 100)
        var intact: [MessageID] = []
        var damaged: [MessageID] = []
        for message in page.messages {
            do {
                let bytes = try reader.bytes(of: message.location)
                let sent = try #require(messages.first { $0.id == message.id })
                #expect(bytes == sent.bytes, "altered bytes were served")
                #expect(message.envelope == sent.envelope, "an altered envelope was served")
                intact.append(message.id)
            } catch let error as SpoolError {
                #expect(error.code == .damaged)
                damaged.append(message.id)
            }
        }
        return (intact, damaged, page.damage)
    }

    /// The LFs between records: they carry nothing, so nothing checks them.
    private func endings(_ disk: PowerCutFileSystem) throws -> Set<Int> {
        let size = try #require(disk.content(of: layout.segment(1))).count
        return Set(
            try SpoolReader(layout: layout, fileSystem: disk).everything().messages.map { $0.end.offset - 1 } + [
                size - 1
            ])
    }

    @Test(
        "Any byte flipped in a closed segment is reported, costs at most its own message, and nothing altered is served"
    )
    func sealed() async throws {
        let base = try await fill(sealed: true)
        let size = try #require(base.content(of: layout.segment(1))).count
        let endings = try endings(base)
        for offset in 0..<size where !endings.contains(offset) {
            let copy = base.afterKill()
            copy.corrupt(layout.segment(1)) { $0[offset] ^= 0x10 }
            let found = try serve(copy)
            let isReported = !found.damage.isEmpty || !found.damaged.isEmpty
            let recovery = try SpoolReader(layout: layout, fileSystem: copy).examineEnd()
            #expect(isReported || !recovery.damage.isEmpty || recovery.tornBytes > 0, "byte \(offset) went unnoticed")
            #expect(found.intact.count >= messages.count - 1, "byte \(offset) cost more than its message")
            #expect(found.intact == found.intact.sorted())
            // The seal itself is above every recorded position: a broken one is a torn end, and costs nothing.
            #expect(
                offset >= size - RecordHeader.length - 1 || recovery.tornBytes == 0,
                "byte \(offset) was taken for a torn end")
        }
    }

    @Test(
        "Any byte flipped after a kill is corruption and kept; where what was published is gone too, in the last record it is a torn end",
        arguments: [true, false])
    func unsealed(published: Bool) async throws {
        let base = try await fill(sealed: false)
        let size = try #require(base.content(of: layout.segment(1))).count
        let clean = try SpoolReader(layout: layout, fileSystem: base).everything()
        let group = clean.messages[4].position.offset
        let endings = try endings(base)
        for offset in 0..<size where !endings.contains(offset) {
            let copy = base.afterKill()
            copy.corrupt(layout.segment(1)) { $0[offset] ^= 0x10 }
            if !published { try copy.remove(layout.committed) }
            let writer = try SegmentWriter(layout: layout, fileSystem: copy)
            writer.close()
            if offset >= group, !published {
                #expect(writer.recovery.tornBytes > 0, "byte \(offset)")
                let kept = copy.content(of: writer.recovery.tornCopy ?? "")
                #expect(kept?.count == writer.recovery.tornBytes, "the torn end of byte \(offset) is not kept")
            } else {
                #expect(writer.recovery.tornBytes == 0, "byte \(offset) was cut off although it had been synced")
                #expect(!writer.recovery.damage.isEmpty, "byte \(offset) went unnoticed")
            }
            #expect(try serve(copy).intact.count >= messages.count - 1, "byte \(offset)")
        }
    }

    @Test(
        "A segment whose first sector is gone keeps every message behind it, and is not cut", arguments: [true, false])
    func firstSector(sealed: Bool) async throws {
        let copy = try await fill(sealed: sealed)
        let size = try #require(copy.content(of: layout.segment(1))).count
        let behind = try SpoolReader(layout: layout, fileSystem: copy).everything().messages.filter {
            $0.position.offset >= 512
        }
        copy.corrupt(layout.segment(1)) { for index in 0..<512 { $0[index] = 0 } }
        let writer = try SegmentWriter(layout: layout, fileSystem: copy)
        writer.close()
        #expect(writer.recovery.tornBytes == 0)
        #expect(!writer.recovery.damage.isEmpty)
        #expect(copy.content(of: layout.segment(1))?.count == size)
        let found = try serve(copy)
        #expect(found.intact == behind.map(\.id))
        #expect(!found.damage.isEmpty)
    }

    @Test("A segment of which nothing is left is reported and not cut, for readers and at the start")
    func nothingLeft() async throws {
        let copy = try await fill(sealed: true)
        let size = try #require(copy.content(of: layout.segment(1))).count
        copy.corrupt(layout.segment(1)) { $0 = [UInt8](repeating: 0, count: size) }
        let writer = try SegmentWriter(layout: layout, fileSystem: copy)
        let probe = TestMessage(6, text: "later")
        _ = await writer.send([probe])
        writer.close()
        #expect(writer.recovery.damage.map(\.length) == [size])
        #expect(copy.content(of: layout.segment(1))?.count == size)
        let found = try SpoolReader(layout: layout, fileSystem: copy).everything()
        #expect(found.damage.map(\.length) == [size])
        #expect(found.messages.map(\.id) == [probe.id])
    }
}
