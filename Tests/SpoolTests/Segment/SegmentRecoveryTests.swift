import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("The start of the receiver")
struct SegmentRecoveryTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk: PowerCutFileSystem

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        disk = PowerCutFileSystem(root: scratch.path, seed: 1)
    }

    @Test("A torn end is cut off, and its bytes are kept in torn/, through a power cut")
    func tornEnd() async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        let sent = [TestMessage(1, text: "one"), TestMessage(2, text: "two")]
        _ = await writer.send(sent)
        let killed = disk.afterKill()
        writer.close()
        let torn = Array("LAYOVER1 half a record".utf8)
        killed.corrupt(layout.segment(1)) { $0 += torn }
        let second = try SegmentWriter(layout: layout, fileSystem: killed)
        let report = second.recovery
        second.close()
        #expect(report.tornBytes == torn.count)
        #expect(report.messages == 2)
        #expect(report.newestID == sent[1].id)
        let path = try #require(report.tornCopy)
        #expect(killed.content(of: path) == torn)
        #expect(killed.afterPowerCut(seed: 5).content(of: path) == torn)
        #expect(try SpoolReader(layout: layout, fileSystem: killed).everything().bytes == sent.map(\.bytes))
    }

    @Test("A torn end in the place of an older, longer one is kept without the other's bytes")
    func tornTwice() async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        _ = await writer.send([TestMessage(1, text: "one")])
        let killed = disk.afterKill()
        writer.close()
        for torn in [Array("a long torn end".utf8), Array("short".utf8)] {
            killed.corrupt(layout.segment(1)) { $0 += torn }
            let next = try SegmentWriter(layout: layout, fileSystem: killed)
            next.close()
            #expect(killed.content(of: next.recovery.tornCopy ?? "") == torn)
        }
    }

    @Test("A second receiver is refused while the first one runs, and not afterwards")
    func twoReceivers() throws {
        let first = try SegmentWriter(layout: layout, fileSystem: disk)
        let error = #expect(throws: SpoolError.self) { try SegmentWriter(layout: layout, fileSystem: disk) }
        #expect(error?.code == .locked)
        first.close()
        try SegmentWriter(layout: layout, fileSystem: disk).close()
    }

    @Test("Readers that look for the end at the same time as each other do not take each other for a receiver")
    func readersTogether() async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        _ = await writer.send([TestMessage(1, text: "one")])
        let killed = disk.afterKill()
        writer.close()
        killed.corrupt(layout.committed) { $0 = [] }
        let lock = try SpoolLock.share(layout: layout, name: .receiver)
        #expect(lock != nil)
        #expect(try SpoolReader(layout: layout, fileSystem: killed).everything().messages.count == 1)
        lock?.release()
    }

    @Test("Unfinished large files are removed, finished ones without a record are left")
    func unfinishedLargeFiles() throws {
        try layout.create(disk)
        let part = try LargeFile(id: MessageID(high: 1, low: 1), layout: layout, fileSystem: disk)
        let whole = try LargeFile(id: MessageID(high: 2, low: 2), layout: layout, fileSystem: disk)
        try whole.commit()
        _ = part
        try SegmentWriter(layout: layout, fileSystem: disk).close()
        #expect(try disk.list(layout.large) == [MessageID(high: 2, low: 2).description])
    }

    @Test(
        "Names that are no segments are passed over",
        arguments: [
            "00000001.seg~", "+0000007.seg", "-0000007.seg", "00000000.seg", "7.seg", "000000007.seg", "0000000x.seg",
            ".seg", "２２２２２２２２.seg",
        ])
    func alienNames(name: String) async throws {
        try layout.create(disk)
        _ = try disk.open("\(layout.segments)/\(name)", .createNew)
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        #expect(writer.recovery.end == nil)
        _ = await writer.send([TestMessage(1, text: "one")])
        writer.close()
        #expect(try SpoolReader(layout: layout, fileSystem: disk).everything().messages.count == 1)
    }

    @Test("The directory above the spool is synced, so that a power cut cannot take the whole spool")
    func parentDirectory() async throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            let disk = PowerCutFileSystem(root: scratch.path, seed: seed)
            let writer = try SegmentWriter(layout: layout, fileSystem: disk)
            _ = await writer.send([TestMessage(1, text: "one")])
            let cut = disk.afterPowerCut(seed: seed)
            writer.close()
            #expect(try SpoolReader(layout: layout, fileSystem: cut).everything().messages.count == 1)
        }
    }
}
