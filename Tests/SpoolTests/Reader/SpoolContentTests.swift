import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("Reading one message in pieces")
struct SpoolContentTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk: PowerCutFileSystem

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        disk = PowerCutFileSystem(root: scratch.path, seed: 1)
    }

    private func written(_ messages: [TestMessage]) async throws -> [SpooledMessage] {
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        for message in messages where message.isLarge { try message.writeLargeFile(layout, disk) }
        _ = await writer.send(messages)
        writer.close()
        return try SpoolReader(layout: layout, fileSystem: disk).everything().messages
    }

    @Test("The pieces together are the message, small, large, empty or of several pieces")
    func pieces() async throws {
        let sent = [
            TestMessage(1, text: ""), TestMessage(2, text: "one\r\n"),
            TestMessage(3, bytes: (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }),
            TestMessage(4, bytes: [UInt8](repeating: 7, count: 2_500_000), isLarge: true),
        ]
        let stored = try await written(sent)
        let reader = SpoolReader(layout: layout, fileSystem: disk)
        for (message, found) in zip(sent, stored) {
            var bytes: [UInt8] = []
            let told = try reader.message(at: found.location)
            #expect(told == found.withoutHeaderPrefix)
            try reader.content(of: told) { bytes += $0 }
            #expect(bytes == message.bytes)
        }
    }

    @Test("Changed bytes and a changed envelope are damage; a message that moved in its segment is found")
    func damage() async throws {
        let stored = try await written([
            TestMessage(1, text: "first"), TestMessage(2, bytes: [UInt8](repeating: 65, count: 9_000), isLarge: true),
        ])
        let reader = SpoolReader(layout: layout, fileSystem: disk)
        var elsewhere = stored[0].location
        elsewhere.position.offset += 1
        #expect(try reader.message(at: elsewhere) == stored[0].withoutHeaderPrefix)
        disk.corrupt(layout.largeFile(stored[1].id)) { $0[8_999] ^= 1 }
        #expect(throws: SpoolError.self) { try reader.content(of: stored[1]) { _ in } }
        disk.corrupt(layout.segment(1)) { $0[stored[0].end.offset - 2] ^= 1 }
        #expect(throws: SpoolError.self) { try reader.content(of: stored[0]) { _ in } }
        #expect(throws: Never.self) { try reader.message(at: stored[0].location) }
        disk.corrupt(layout.segment(1)) { $0[stored[0].position.offset + RecordHeader.length + 3] ^= 1 }
        #expect(throws: SpoolError.self) { try reader.message(at: stored[0].location) }
    }
}

extension SpooledMessage {
    fileprivate var withoutHeaderPrefix: SpooledMessage {
        var copy = self
        copy.headerPrefix = []
        return copy
    }
}
