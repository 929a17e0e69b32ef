import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("Segments that are not there")
struct MissingSegmentTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        try layout.create(POSIXFileSystem())
    }

    /// Three segments of one message each; the second one goes.
    private func lose(_ acts: [JournalAct]) async throws -> [Int] {
        for number in 1...3 {
            let writer = try SegmentWriter(layout: layout)
            _ = await writer.send([TestMessage(number, text: "one")])
            writer.close()
        }
        let journal = try Journal(layout: layout, by: "test")
        defer { journal.close() }
        for act in acts { try journal.appendBlocking([act]) }
        #expect(try SpoolExamination(layout: layout).run().missingSegments.isEmpty)
        try POSIXFileSystem().remove(layout.segment(2))
        return try SpoolExamination(layout: layout).run().missingSegments
    }

    private static let kept = KeptMessage(
        id: MessageID(milliseconds: 1, random: 1, 1), offset: 172, recordLength: 128)

    @Test("One between others is missing where no act says that it was given back")
    func unexplained() async throws {
        #expect(try await lose([.compacted(segment: 1, kept: [], freed: 1)]) == [2])
    }

    @Test("One that was given back whole is not, also after a crash in the middle of that")
    func givenBack() async throws {
        #expect(try await lose([.reclaimed(segment: 2, messages: [])]).isEmpty)
    }

    @Test("One in which something was kept is missing, until all of that is given back too")
    func keptSomething() async throws {
        let acts: [JournalAct] = [
            .reclaimed(segment: 2, messages: []), .compacted(segment: 2, kept: [Self.kept], freed: 1),
        ]
        #expect(try await lose(acts) == [2])
        let journal = try Journal(layout: layout, by: "test")
        try journal.appendBlocking([.reclaimed(segment: 2, messages: [])])
        try journal.appendBlocking([.compacted(segment: 2, kept: [], freed: 1)])
        journal.close()
        #expect(try SpoolExamination(layout: layout).run().missingSegments.isEmpty)
    }
}
