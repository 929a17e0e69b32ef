import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("How far readers read while a receiver runs")
struct CommittedPositionTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk: PowerCutFileSystem

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        disk = PowerCutFileSystem(root: scratch.path, seed: 1)
    }

    @Test("A reader sees each message as soon as it is acknowledged, and nothing behind it")
    func published() async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        let reader = SpoolReader(layout: layout, fileSystem: disk)
        #expect(try reader.stableEnd() == .start)
        for number in 1...3 {
            _ = await writer.send([TestMessage(number, text: "x")])
            #expect(try reader.everything().messages.count == number)
        }
        // Bytes behind the published position are none of a reader's business, whatever they are.
        disk.corrupt(layout.segment(1)) { $0 += Array("garbage".utf8) }
        let found = try reader.everything()
        #expect(found.messages.count == 3)
        #expect(found.damage.isEmpty)
        writer.close()
    }

    @Test(
        "A published position that is missing or garbage hides the newest segment and nothing else",
        arguments: [
            nil, "garbage", "00000002 00000000009999 0123456789abcdef\n", "00000009 00000000000085",
        ] as [String?])
    func garbage(text: String?) async throws {
        var limits = SpoolLimits()
        limits.segmentSize = ByteCount(1)
        let writer = try SegmentWriter(layout: layout, fileSystem: disk, limits: limits)
        for number in 1...3 { _ = await writer.send([TestMessage(number, text: "x")]) }
        if let text {
            disk.corrupt(layout.committed) { $0 = Array(text.utf8) }
        } else {
            try disk.remove(layout.committed)
        }
        #expect(try SpoolReader(layout: layout, fileSystem: disk).everything().messages.count == 2)
        writer.close()
        #expect(try SpoolReader(layout: layout, fileSystem: disk).everything().messages.count == 3)
    }

    @Test("A position behind the end of its segment, as a copy of a running spool may have it, is not believed")
    func behindTheEnd() async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        _ = await writer.send([TestMessage(1, text: "x")])
        let position = try SpoolReader(layout: layout, fileSystem: disk).stableEnd()
        disk.corrupt(layout.segment(1)) { $0.removeLast() }
        #expect(try SpoolReader(layout: layout, fileSystem: disk).stableEnd() < position)
        writer.close()
    }

    @Test("A position left over from a spool whose segments were taken away is not believed")
    func leftOver() async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        _ = await writer.send([TestMessage(1, text: "x")])
        writer.close()
        try disk.remove(layout.segment(1))
        let second = try SegmentWriter(layout: layout, fileSystem: disk)
        #expect(try SpoolReader(layout: layout, fileSystem: disk).stableEnd() == .start)
        second.close()
    }

    @Test("A receiver that is still starting is waited for: what a power cut left in `committed` is not believed")
    func starting() async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        _ = await writer.send([TestMessage(1, text: "x")])
        let stale = try #require(disk.content(of: layout.committed))
        _ = await writer.send([TestMessage(2, text: "x")])
        let end = try SpoolReader(layout: layout, fileSystem: disk).stableEnd()
        writer.close()
        disk.corrupt(layout.committed) { $0 = stale }
        let starting = try #require(try SpoolLock.acquire(layout: layout, name: .receiver, wait: false))
        async let seen = Task.detached { [layout, disk] in
            try SpoolReader(layout: layout, fileSystem: disk).stableEnd()
        }.value
        // It cannot end before this: the lock is held, and nothing is published.
        starting.release()
        let second = try SegmentWriter(layout: layout, fileSystem: disk)
        #expect(try await seen >= end)
        second.close()
    }
}
