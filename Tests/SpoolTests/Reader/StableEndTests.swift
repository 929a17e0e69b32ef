import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("How far readers read while no receiver runs, or one starts")
struct StableEndTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk: PowerCutFileSystem

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        disk = PowerCutFileSystem(root: scratch.path, seed: 1)
    }

    /// A spool after a kill: two messages, and half of one more.
    private func killed() async throws -> PowerCutFileSystem {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        _ = await writer.send([TestMessage(1, text: "one"), TestMessage(2, text: "two")])
        let killed = disk.afterKill()
        writer.close()
        killed.corrupt(layout.segment(1)) { $0 += Array("LAYOVER1 half a record".utf8) }
        return killed
    }

    @Test("The last segment is read once for as long as it stays as it is, and again when it does not")
    func once() async throws {
        let disk = try await killed()
        let reader = SpoolReader(layout: layout, fileSystem: disk)
        let end = try reader.stableEnd()
        disk.plan([])
        #expect(try reader.stableEnd() == end)
        #expect(disk.count(of: [.read, .sync]) == 0)
        // The same length, other bytes: the second message is not what it was.
        disk.corrupt(layout.segment(1)) { $0[end.offset - 3] ^= 1 }
        #expect(try reader.stableEnd() < end)
        disk.corrupt(layout.segment(1)) { $0[end.offset - 3] ^= 1 }
        #expect(try reader.stableEnd() == end)
        // A receiver cuts the torn end off, which this reader has never read.
        try SegmentWriter(layout: layout, fileSystem: disk).close()
        #expect(try reader.stableEnd() == end)
    }

    @Test("While a receiver starts, the end is neither what a former boot published nor less than it was")
    func starting() async throws {
        let disk = try await killed()
        let before = try SpoolReader(layout: layout, fileSystem: disk).stableEnd()
        let committed = try CommittedPosition(layout: layout, fileSystem: disk, writing: true)
        try committed.publish(SpoolPosition(segment: 7, offset: 9_999))
        // The receiver has its lock and has withdrawn the position; its recovery is under way.
        let lock = try #require(try SpoolLock.acquire(layout: layout, name: .receiver, wait: false))
        try committed.withdraw()
        #expect(try SpoolReader(layout: layout, fileSystem: disk).stableEnd() == before)
        lock.release()
    }

    @Test("A start that fails leaves readers where they were, at each of its operations")
    func failingStart() async throws {
        let base = try await killed()
        let before = try SpoolReader(layout: layout, fileSystem: base).stableEnd()
        for number in 1...20 {
            let disk = base.afterKill()
            disk.plan([PlannedFault(.error(5), at: number)])
            try? SegmentWriter(layout: layout, fileSystem: disk).close()
            let left = disk.afterKill()
            #expect(try SpoolReader(layout: layout, fileSystem: left).stableEnd() == before, "operation \(number)")
        }
    }

    @Test("A reader that followed goes on behind a torn end that it never read")
    func follower() async throws {
        let disk = try await killed()
        var follower = SpoolFollower(layout: layout, mistake: nil)
        follower.follow(disk)
        #expect(follower.seen.count == 2)
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        #expect(writer.recovery.tornBytes > 0)
        follower.follow(disk)
        _ = await writer.send([TestMessage(3, text: "three")])
        follower.follow(disk)
        writer.close()
        follower.follow(disk)
        #expect(follower.seen.map(\.id) == [1, 2, 3].map { TestMessage($0, text: "").id })
        #expect(follower.damage.isEmpty)
    }

    @Test("Ids never go back over a restart, also when the last segment has no message", arguments: [0, 1, 2])
    func newestID(emptySegments: Int) async throws {
        var limits = SpoolLimits()
        limits.segmentSize = ByteCount(1)
        let writer = try SegmentWriter(layout: layout, fileSystem: disk, limits: limits)
        _ = await writer.send([TestMessage(1, text: "one"), TestMessage(2, text: "two")])
        writer.close()
        let hasher = SHA256Hasher()
        for number in 0..<emptySegments {
            _ = try SegmentFile.create(
                number: 3 + number, layout: layout, fileSystem: disk, now: .now(), hasher: hasher)
        }
        let next = try SegmentWriter(layout: layout, fileSystem: disk)
        #expect(next.recovery.newestID == TestMessage(2, text: "").id)
        next.close()
    }
}
