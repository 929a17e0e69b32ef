import MailModel
import Synchronization
import TestKit
import Testing

@testable import Spool

#if canImport(Glibc)
import Glibc
#endif

@Suite("The segment writer")
struct SegmentWriterTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk: PowerCutFileSystem

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        disk = PowerCutFileSystem(root: scratch.path, seed: 1)
    }

    @Test("A thousand messages from many tasks are answered once each, share syncs, and are all there on a real disk")
    func thousand() async throws {
        let writer = try SegmentWriter(layout: layout)
        let answers = Answers(count: 1_000)
        await withDiscardingTaskGroup { group in
            for task in 0..<20 {
                group.addTask {
                    for index in 0..<50 {
                        let number = task * 50 + index
                        writer.submit(TestMessage(number, text: "message \(number)").commit { answers.set(number, $0) })
                    }
                }
            }
        }
        #expect(await answers.all().allSatisfy { $0 == nil })
        let counts = writer.counts
        writer.close()
        #expect(answers.surplus == 0)
        #expect(counts.messages == 1_000)
        #expect(counts.groups <= 1_000)
        let found = try SpoolReader(layout: layout).everything()
        #expect(Set(found.messages.map(\.id)).count == 1_000)
        for (message, bytes) in zip(found.messages, found.bytes) {
            let sender = message.envelope.sender.text.drop { !$0.isNumber }.prefix { $0.isNumber }
            #expect(String(decoding: bytes, as: UTF8.self) == "message \(sender)")
        }
        #expect(found.damage.isEmpty)
    }

    @Test("Messages that wait together share one sync")
    func groups() async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        _ = await writer.send((1...500).map { TestMessage($0, text: "x") })
        #expect(writer.counts.groups == 2)
        writer.close()
    }

    @Test("A full segment is sealed and the next one begun; the order goes on")
    func rotation() async throws {
        var limits = SpoolLimits()
        limits.segmentSize = .kib(2)
        let writer = try SegmentWriter(layout: layout, fileSystem: disk, limits: limits)
        let sent = (1...20).map { TestMessage($0, bytes: [UInt8](repeating: 0x61, count: 500)) }
        for message in sent { _ = await writer.send([message]) }
        writer.close()
        #expect(try disk.list(layout.segments).filter { $0.hasSuffix(".seg") }.count >= 5)
        #expect(try SpoolReader(layout: layout, fileSystem: disk).everything().messages.map(\.id) == sent.map(\.id))
    }

    static let fullDisks: [PlannedFault] = [
        PlannedFault(.error(ENOSPC), at: 1, of: [.write]), PlannedFault(.shortWrite(ENOSPC), at: 1, of: [.write]),
        PlannedFault(.error(ENOSPC), at: 1, of: [.create]), PlannedFault(.error(EDQUOT), at: 2, of: [.write]),
    ]

    @Test(
        "No room for a group: it is refused, and the next message is taken when there is room again",
        arguments: fullDisks)
    func noSpace(fault: PlannedFault) async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk) { _ in
            Issue.record("a full disk does not end the writer")
        }
        disk.plan([fault])
        let first = await writer.send([TestMessage(1, text: "one")])
        #expect(first.map { $0?.code } == [.noSpace])
        disk.plan([])
        #expect(await writer.send([TestMessage(2, text: "two")])[0] == nil)
        #expect(writer.failed == nil)
        writer.close()
        let found = try SpoolReader(layout: layout, fileSystem: disk).everything()
        #expect(found.messages.map(\.id) == [TestMessage(2, text: "").id])
        #expect(found.damage.isEmpty)
    }

    @Test(
        "Too many open files when a segment is to be begun: the group is refused, nothing is in doubt, the next message is taken",
        arguments: [
            (DiskOperation.create, EMFILE), (.create, ENFILE), (.syncDirectory, EMFILE),
        ], [false, true])
    func noDescriptor(_ fault: (operation: DiskOperation, number: Int32), isFirstSegment: Bool) async throws {
        var limits = SpoolLimits()
        limits.segmentSize = ByteCount(1)
        let writer = try SegmentWriter(layout: layout, fileSystem: disk, limits: limits) { _ in
            Issue.record("it does not end the writer")
        }
        let before = (0..<(isFirstSegment ? 0 : 2)).map { TestMessage($0, text: "before") }
        for message in before { #expect(await writer.send([message])[0] == nil) }
        disk.plan([PlannedFault(.error(fault.number), at: 1, of: [fault.operation])])
        #expect(await writer.send([TestMessage(7, text: "refused")]).map { $0?.systemError } == [fault.number])
        disk.plan([])
        let after = TestMessage(8, text: "after")
        #expect(await writer.send([after])[0] == nil)
        #expect(writer.failed == nil)
        writer.close()
        let found = try SpoolReader(layout: layout, fileSystem: disk).everything()
        #expect(found.messages.map(\.id) == (before + [after]).map(\.id))
        #expect(found.damage.isEmpty)
    }

    @Test("A disk that stays full does not fill up with empty segments", arguments: [DiskOperation.write, .create])
    func staysFull(operation: DiskOperation) async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        _ = await writer.send([TestMessage(1, text: "one")])
        disk.plan([PlannedFault(.shortWrite(ENOSPC), at: 1, of: [operation], isPersistent: true)])
        for number in 2...50 {
            _ = await writer.send([TestMessage(number, bytes: [UInt8](repeating: 0x61, count: 9_000))])
        }
        disk.plan([])
        writer.close()
        #expect(try disk.list(layout.segments).count <= 3)
    }

    @Test("No room for the seal of a full segment leaves no damage behind", arguments: 1...4)
    func noSpaceForSeal(write: Int) async throws {
        var limits = SpoolLimits()
        limits.segmentSize = ByteCount(1)
        let writer = try SegmentWriter(layout: layout, fileSystem: disk, limits: limits)
        _ = await writer.send([TestMessage(1, text: "one")])
        disk.plan([PlannedFault(.shortWrite(ENOSPC), at: write, of: [.write])])
        _ = await writer.send([TestMessage(2, text: "two")])
        _ = await writer.send([TestMessage(3, text: "three")])
        writer.close()
        let found = try SpoolReader(layout: layout, fileSystem: disk).everything()
        #expect(found.messages.map(\.id).last == TestMessage(3, text: "").id)
        #expect(found.damage.isEmpty)
    }

    @Test(
        "A failed sync ends the writer: said once, and every later message is answered", arguments: [EIO, ENOSPC],
        [1, 2])
    func failedSync(number: Int32, sync: Int) async throws {
        let failures = Mutex<[SpoolError]>([])
        let writer = try SegmentWriter(layout: layout, fileSystem: disk) { error in
            failures.withLock { $0.append(error) }
        }
        disk.plan([PlannedFault(.error(number), at: sync, of: [.sync])])
        let answers = await writer.send((1...10).map { TestMessage($0, text: "x") })
        #expect(answers.allSatisfy { $0 != nil })
        for number in 11...13 { #expect(await writer.send([TestMessage(number, text: "y")])[0] != nil) }
        #expect(failures.withLock { $0.count } == 1)
        #expect(writer.failed != nil)
        writer.close()
        #expect(try SpoolReader(layout: layout, fileSystem: disk).everything().messages.isEmpty)
    }

    @Test("A directory that cannot be synced ends the writer", arguments: [EIO, ENOSPC])
    func failedDirectorySync(number: Int32) async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        disk.plan([PlannedFault(.error(number), at: 1, of: [.syncDirectory])])
        #expect(await writer.send([TestMessage(1, text: "x")])[0] != nil)
        #expect(writer.failed != nil)
        writer.close()
    }

    @Test("After close every message is answered, and close may be called again")
    func afterClose() async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        writer.close()
        writer.close()
        #expect(await writer.send([TestMessage(1, text: "x")]).map { $0?.code } == [.closed])
    }

    @Test("An envelope beyond the limit is refused and harms nothing")
    func hugeEnvelope() async throws {
        var limits = SpoolLimits()
        limits.envelopeSize = .kib(1)
        let writer = try SegmentWriter(layout: layout, fileSystem: disk, limits: limits)
        var huge = TestMessage(1, text: "x")
        huge.envelope.helo = String(repeating: "h", count: 2_000)
        #expect(await writer.send([huge])[0] != nil)
        #expect(await writer.send([TestMessage(2, text: "y")])[0] == nil)
        writer.close()
    }
}
