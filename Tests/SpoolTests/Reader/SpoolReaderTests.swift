import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("Reading messages")
struct SpoolReaderTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk: PowerCutFileSystem

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        disk = PowerCutFileSystem(root: scratch.path, seed: 1)
    }

    @Test(
        "A page has no more than was asked for, and the next one goes on where it ended", arguments: [1, 2, 3, 5, 100])
    func paging(limit: Int) async throws {
        var limits = SpoolLimits()
        limits.segmentSize = .kib(1)
        let writer = try SegmentWriter(layout: layout, fileSystem: disk, limits: limits)
        let sent = (1...10).map { TestMessage($0, text: "message \($0)") }
        for message in sent { _ = await writer.send([message]) }
        writer.close()
        let reader = SpoolReader(layout: layout, fileSystem: disk)
        let end = try reader.stableEnd()
        var found: [MessageID] = []
        var position = SpoolPosition.start
        while position < end {
            let page = try reader.messages(from: position, end: end, limit: limit)
            #expect(page.messages.count <= limit)
            found += page.messages.map(\.id)
            guard page.next > position else { break }
            position = page.next
        }
        #expect(found == sent.map(\.id))
        #expect(position == end)
    }

    @Test(
        "A header prefix ends with the header; without one it is as long as the limit lets it be",
        arguments: [
            ("A: b\r\n\r\nbody", "A: b\r\n\r\n"), ("A: b\n\nbody", "A: b\n\n"), ("\r\nbody", "\r\n"),
            ("no header", "no header"), ("", ""),
        ])
    func headerPrefix(text: String, prefix: String) async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        _ = await writer.send([TestMessage(1, text: text)])
        writer.close()
        let found = try SpoolReader(layout: layout, fileSystem: disk).everything()
        #expect(String(decoding: found.messages[0].headerPrefix, as: UTF8.self) == prefix)
    }

    @Test("A large message is served from its file; changed or missing bytes never are")
    func large() async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        let message = TestMessage(1, bytes: [UInt8](repeating: 0x61, count: 30_000), isLarge: true)
        try message.writeLargeFile(layout, disk)
        _ = await writer.send([message])
        writer.close()
        let reader = SpoolReader(layout: layout, fileSystem: disk)
        let found = try reader.everything()
        #expect(found.bytes == [message.bytes])
        #expect(found.messages.map(\.isLarge) == [true])
        disk.corrupt(layout.largeFile(message.id)) { $0[29_999] ^= 1 }
        #expect(throws: SpoolError.self) { try reader.bytes(of: found.messages[0].location) }
        disk.corrupt(layout.largeFile(message.id)) { $0.removeLast() }
        #expect(throws: SpoolError.self) { try reader.bytes(of: found.messages[0].location) }
        try disk.remove(layout.largeFile(message.id))
        let error = #expect(throws: SpoolError.self) { try reader.bytes(of: found.messages[0].location) }
        #expect(error?.code == .missing)
    }

    @Test("A stale place leads to the message as long as its segment holds it; else there are no bytes")
    func wrongPlace() async throws {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        _ = await writer.send([TestMessage(1, text: "one"), TestMessage(2, text: "two")])
        writer.close()
        let reader = SpoolReader(layout: layout, fileSystem: disk)
        let found = try reader.everything().messages
        // As after a reclaim that has written the segment anew.
        for (position, index) in [
            (found[0].position, 1), (SpoolPosition(segment: 1, offset: 86), 0),
            (SpoolPosition(segment: 1, offset: 1 << 40), 0),
        ] {
            let location = SpoolLocation(position: position, id: found[index].id)
            #expect(try reader.bytes(of: location) == Array((index == 0 ? "one" : "two").utf8))
        }
        for (position, id) in [
            (found[0].position, TestMessage(3, text: "").id), (SpoolPosition(segment: 9, offset: 85), found[0].id),
        ] {
            #expect(throws: SpoolError.self) { try reader.bytes(of: SpoolLocation(position: position, id: id)) }
        }
    }

    @Test("A spool that was never used ends where it starts")
    func unused() throws {
        #expect(try SpoolReader(layout: layout, fileSystem: disk).stableEnd() == .start)
        #expect(
            try SpoolReader(layout: layout, fileSystem: disk).messages(from: .start, end: .start, limit: 1).messages
                .isEmpty)
    }
}
