import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("Giving a segment's bytes back")
struct SegmentReclaimTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk: PowerCutFileSystem

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        disk = PowerCutFileSystem(root: layout.parent, seed: TestSeed.value)
    }

    /// Three segments of five messages, closed, and a last one.
    private func fill() async throws -> [TestMessage] {
        var messages: [TestMessage] = []
        for segment in 0..<4 {
            let writer = try SegmentWriter(layout: layout, fileSystem: disk)
            let group = (0..<5).map { TestMessage(segment * 5 + $0, text: "message \(segment) \($0)\r\n") }
            _ = await writer.send(group)
            writer.close()
            messages += group
        }
        return messages
    }

    private func run(_ dead: some Sequence<MessageID>) async throws {
        try await ReclaimRun(layout: layout, fileSystem: disk, dead: Set(dead)).run()
    }

    @Test("What is kept has its order, its bytes and its envelope; a stale place still leads to it")
    func compaction() async throws {
        let messages = try await fill()
        let reader = SpoolReader(layout: layout, fileSystem: disk)
        let before = try reader.everything()
        try await run([messages[0], messages[2], messages[3], messages[5], messages[19]].map(\.id))

        let after = try SpoolReader(layout: layout, fileSystem: disk).everything()
        let gone = [0, 2, 3, 5]
        #expect(after.messages.map(\.id) == messages.indices.filter { !gone.contains($0) }.map { messages[$0].id })
        #expect(
            after.messages.map(\.envelope)
                == messages.indices.filter { !gone.contains($0) }.map { messages[$0].envelope })
        #expect(after.damage.isEmpty)
        // With the old file open, and by a reader that has never seen it.
        let fresh = SpoolReader(layout: layout, fileSystem: disk)
        for (index, message) in before.messages.enumerated() where !gone.contains(index) {
            #expect(try reader.bytes(of: message.location) == messages[index].bytes)
            #expect(try fresh.bytes(of: message.location) == messages[index].bytes)
        }
        // By its new place too, while the old file is still open.
        for message in after.messages { #expect(try !reader.bytes(of: message.location).isEmpty) }
        #expect(throws: SpoolError.self) { try fresh.bytes(of: before.messages[0].location) }
    }

    @Test("A segment may be missing between others, for every reader")
    func missing() async throws {
        let messages = try await fill()
        try await run(messages[5..<10].map(\.id))
        #expect(disk.content(of: layout.segment(2)) == nil)
        let content = try SpoolReader(layout: layout, fileSystem: disk).everything()
        #expect(content.messages.map(\.id) == (messages[..<5] + messages[10...]).map(\.id))
        let findings = try SpoolExamination(layout: layout, fileSystem: disk).run()
        #expect(findings.damage.isEmpty && findings.segments == 3 && findings.messages == 15)
        let location = SpoolLocation(position: SpoolPosition(segment: 2, offset: 85), id: messages[5].id)
        #expect { try SpoolReader(layout: layout, fileSystem: disk).bytes(of: location) } throws: {
            ($0 as? SpoolError)?.code == .missing
        }
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        #expect(writer.recovery.end?.segment == 4 && writer.recovery.damage.isEmpty)
        _ = await writer.send([TestMessage(99, text: "next")])
        writer.close()
        #expect(disk.content(of: layout.segment(5)) != nil)
    }

    @Test("The last segment is never touched, even when everything in it is dead")
    func last() async throws {
        let messages = try await fill()
        let before = disk.content(of: layout.segment(4))
        try await run(messages.map(\.id))
        #expect(try SegmentReclaim(layout: layout, fileSystem: disk).segments() == [4])
        #expect(disk.content(of: layout.segment(4)) == before)
        let contents = try SegmentReclaim(layout: layout, fileSystem: disk).contents(of: 4)
        guard case .sound(let contents) = contents else { return #expect(Bool(false), "segment 4 is not sound") }
        #expect(throws: SpoolError.self) {
            try SegmentReclaim(layout: layout, fileSystem: disk).giveBack(
                contents, dead: Set(messages.map(\.id)), large: []
            ) { replace in
                try replace()
                return true
            }
        }
    }

    @Test("A damaged segment is left as it is", arguments: [10, 300, 700])
    func damaged(offset: Int) async throws {
        let messages = try await fill()
        disk.corrupt(layout.segment(1)) { $0[offset] ^= 1 }
        let before = disk.content(of: layout.segment(1))
        await #expect(throws: SpoolError.self) { try await run(messages.prefix(3).map(\.id)) }
        #expect(disk.content(of: layout.segment(1)) == before)
    }

    @Test("A segment may be written anew again and again, until nothing is left of it")
    func again() async throws {
        let messages = try await fill()
        for count in 1...5 { try await run(messages.prefix(count).map(\.id)) }
        #expect(disk.content(of: layout.segment(1)) == nil)
        let journal = try Journal(layout: layout, by: "test", fileSystem: disk)
        #expect(try ReclaimRun.journaled(journal).messages[1]?.map(\.id) == messages.prefix(5).map(\.id))
        journal.close()
    }

    @Test("Where the Ledger has not read the segment, the file stays, and the next run goes on")
    func refused() async throws {
        let messages = try await fill()
        let before = disk.content(of: layout.segment(1))
        let reclaim = SegmentReclaim(layout: layout, fileSystem: disk)
        guard case .sound(let contents) = try reclaim.contents(of: 1) else { return #expect(Bool(false)) }
        let result = try reclaim.giveBack(contents, dead: [messages[0].id], large: []) { _ in false }
        #expect(result == nil && disk.content(of: layout.segment(1)) == before)
        try await run([messages[0].id])
        #expect(disk.content(of: layout.segment(1)) != before)
        #expect(try disk.list(layout.segments).allSatisfy { !$0.hasSuffix(".new") })
    }
}
