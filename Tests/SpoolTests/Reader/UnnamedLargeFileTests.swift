import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("Large files that no record names")
struct UnnamedLargeFileTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk: PowerCutFileSystem

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        disk = PowerCutFileSystem(root: scratch.path, seed: 1)
        try layout.create(disk)
    }

    /// TestMessage's ids lie at 1,790,000,000 s; these lie so many hours away from them.
    private func id(hours: Int) -> MessageID {
        MessageID(milliseconds: UInt64(1_790_000_000_000 + hours * 3_600_000), random: 1, 1)
    }

    private func leave(_ id: MessageID) throws { try LargeFile(id: id, layout: layout, fileSystem: disk).commit() }

    @Test(
        "Without a receiver every one is listed, whatever the clock says of its id",
        arguments: [-400_000, -2, 0, 500_000])
    func withoutReceiver(hours: Int) throws {
        try leave(id(hours: hours))
        let findings = try SpoolExamination(layout: layout, fileSystem: disk).run()
        #expect(findings.unnamedLargeFiles == [id(hours: hours).description])
    }

    @Test(
        "Beside a receiver one is listed only when ids an hour younger have their records: a clock that jumps tells nothing",
        arguments: [(-400_000, true), (-2, true), (0, false), (500_000, false)])
    func withReceiver(hours: Int, isListed: Bool) async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        try leave(id(hours: hours))
        #expect(try SpoolExamination(layout: layout, fileSystem: disk).run().unnamedLargeFiles.isEmpty)
        _ = await writer.send([TestMessage(1, text: "one")])
        #expect(try SpoolExamination(layout: layout, fileSystem: disk).run().unnamedLargeFiles.isEmpty == !isListed)
        writer.close()
    }

    @Test("One that has its record is never listed")
    func named() async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        let message = TestMessage(1, bytes: [UInt8](repeating: 0x61, count: 3_000), isLarge: true)
        try message.writeLargeFile(layout, disk)
        _ = await writer.send([message, TestMessage(9_000_000, text: "much later")])
        #expect(try SpoolExamination(layout: layout, fileSystem: disk).run().unnamedLargeFiles.isEmpty)
        writer.close()
        #expect(try SpoolExamination(layout: layout, fileSystem: disk).run().unnamedLargeFiles.isEmpty)
    }
}
