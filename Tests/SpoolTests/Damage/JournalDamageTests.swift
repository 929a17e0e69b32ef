import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("Journal files whose bytes have changed")
struct JournalDamageTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let base: PowerCutFileSystem

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        base = PowerCutFileSystem(root: scratch.path, seed: 1)
    }

    private static let limits: SpoolLimits = {
        var limits = SpoolLimits()
        limits.journalSize = ByteCount(1_000)
        return limits
    }()

    private static let count = 6

    private func act(_ number: Int) -> JournalAct { .waveClosed(name: "wave \(number)", why: "because \(number)") }

    private func journal(_ disk: PowerCutFileSystem) throws -> Journal {
        try Journal(layout: layout, by: "test", fileSystem: disk, limits: Self.limits)
    }

    /// Two files with three acts each, a group each; the LFs that end the records are nobody's.
    private func fill() async throws -> [Int: (content: [UInt8], ends: [Int])] {
        let journal = try journal(base)
        var files: [Int: (content: [UInt8], ends: [Int])] = [:]
        for number in 1...Self.count {
            let end = try await journal.append([act(number)])
            files[end.file, default: ([], [])].ends.append(end.offset)
            files[end.file]?.content = base.content(of: layout.journalFile(end.file)) ?? []
        }
        try #require(files.count == 2)
        return files
    }

    /// Changes a file, and says everything that is not as it must be.
    ///
    /// - Parameter lost: the numbers of the acts that may be missing.
    /// - Parameter isSilent: nothing tells, and nothing can.
    private func violations(
        in file: Int, lost: ClosedRange<Int>, isSilent: Bool = false, appends: Bool = true,
        _ change: (inout [UInt8]) -> Void
    ) async throws -> [String] {
        let disk = base.afterKill()
        disk.corrupt(layout.journalFile(file), change)
        var found: [String] = []
        let findings = try SpoolExamination(layout: layout, fileSystem: disk).run()
        if findings.damage.isEmpty, findings.tornBytes == 0, !isSilent { found.append("fsck finds nothing") }
        let everywhere = JournalPosition(file: .max, offset: .max)
        let reader = JournalReader(layout: layout, fileSystem: disk)
        let before = try reader.entries(from: .start, end: everywhere, limit: 100).entries
        found += compare(before, lost: lost)
        guard appends else { return found }
        do {
            let next = try journal(disk)
            try await next.append([act(7)])
            let after = try next.everything().entries
            if after.last?.act != act(7) || after.filter({ $0.act == act(7) }).count != 1 {
                found.append("the next act is not there once, at the end")
            }
            found += compare(after.dropLast(), lost: lost)
            if after.map(\.sequence) != after.map(\.sequence).sorted() { found.append("numbers out of order") }
        } catch let error as SpoolError where error.code == .damaged && error.message.contains("restore") {
            // Only where nothing says how the journal goes on.
            if lost.count < Self.count / 2 { found.append("no more acts are taken: \(error)") }
        }
        return found
    }

    private func compare(_ entries: some Collection<JournalEntry>, lost: ClosedRange<Int>) -> [String] {
        var found: [String] = []
        let numbers = entries.map { Int($0.sequence) }
        for (entry, number) in zip(entries, numbers) where entry.act != act(number) {
            found.append("act \(number) is \(String(describing: entry.act))")
        }
        if Set(numbers).count != numbers.count { found.append("an act is there twice") }
        for number in 1...Self.count where !lost.contains(number) && !numbers.contains(number) {
            found.append("act \(number) is gone")
        }
        return found
    }

    /// The acts that the change of a byte may cost: its own.
    private func touched(_ offset: Int, _ file: Int, _ ends: [Int]) -> ClosedRange<Int> {
        let index = ends.firstIndex { offset < $0 } ?? ends.count - 1
        let first = (file - 1) * 3 + index + 1
        return offset < FileHeader.journalLength ? 99...99 : first...first
    }

    @Test("Every byte changed, in either file", arguments: [1, 2])
    func everyByte(file: Int) async throws {
        let (content, ends) = try #require(try await fill()[file])
        for offset in content.indices where !ends.contains(offset + 1) {
            let found = try await violations(
                in: file, lost: touched(offset, file, ends),
                appends: offset % 8 == 0 || offset < FileHeader.journalLength
            ) { $0[offset] ^= 1 << (offset % 8) }
            #expect(found.isEmpty, "byte \(offset)")
        }
    }

    @Test("Cut off at every byte, in either file", arguments: [1, 2])
    func truncated(file: Int) async throws {
        let (content, ends) = try #require(try await fill()[file])
        for size in content.indices.reversed() {
            let first = (file - 1) * 3 + (ends.firstIndex { size < $0 } ?? ends.count) + 1
            // Acts that are missing from the journal's very end leave no trace in it; the Ledger knows how far it had read.
            let isWhole =
                [0, FileHeader.journalLength].contains(size) || ends.contains(size) || ends.contains(size + 1)
            let found = try await violations(
                in: file, lost: min(first, file * 3)...file * 3, isSilent: file == 2 && isWhole,
                appends: file == 1 && size % 8 == 0
            ) { $0.removeLast($0.count - size) }
            #expect(found.isEmpty, "cut at \(size)")
        }
    }

    @Test("Neighbouring bytes swapped, sectors zeroed", arguments: [1, 2])
    func swapped(file: Int) async throws {
        let (content, ends) = try #require(try await fill()[file])
        for offset in content.indices.dropLast() where content[offset] != content[offset + 1] && offset % 3 == 0 {
            let first = touched(offset, file, ends).lowerBound
            let last = touched(offset + 1, file, ends).upperBound
            let found = try await violations(
                in: file, lost: min(first, last)...max(first, last), appends: offset % 12 == 0
            ) {
                $0.swapAt(offset, offset + 1)
            }
            #expect(found.isEmpty, "bytes \(offset) and \(offset + 1) swapped")
        }
        for start in stride(from: 0, to: content.count, by: 512) {
            let found = try await violations(in: file, lost: (file - 1) * 3 + 1...file * 3) { bytes in
                for offset in start..<min(start + 512, bytes.count) { bytes[offset] = 0 }
            }
            #expect(found.isEmpty, "sector at \(start) zeroed")
        }
    }

    @Test("A damaged first line of the last file ends that file only: the next act begins a new one, chained on")
    func damagedFirstLine() async throws {
        _ = try await fill()
        base.corrupt(layout.journalFile(2)) { $0[40] ^= 1 }
        let journal = try journal(base)
        #expect(try await journal.append([act(7)]).file == 3)
        let whole = try journal.everything()
        #expect(whole.entries.map(\.act) == (1...7).map { act($0) })
        #expect(whole.entries.map(\.sequence) == (1...7).map { UInt64($0) })
        #expect(whole.damage.map(\.finding) == ["a damaged first line"])
    }

    @Test("A last file of which nothing can be believed stops appending, and says what to do")
    func nothingLeft() async throws {
        _ = try await fill()
        base.corrupt(layout.journalFile(2)) { $0 = [UInt8](repeating: 0, count: $0.count) }
        let error = await #expect(throws: SpoolError.self) { try await journal(base).append([act(7)]) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains(layout.journalFile(2)) == true)
        #expect(error?.message.contains("--reconcile") == true)
        #expect(try !SpoolExamination(layout: layout, fileSystem: base).run().damage.isEmpty)
    }

    @Test("A copy of a journal file under another number is named, and its acts are not there twice")
    func duplicated() async throws {
        let files = try await fill()
        try base.open(layout.journalFile(3), .createNew).write(files[1]?.content ?? [], at: 0)
        let everywhere = JournalPosition(file: .max, offset: .max)
        let page = try JournalReader(layout: layout, fileSystem: base).entries(
            from: .start, end: everywhere, limit: 100)
        #expect(page.entries.map(\.act) == (1...6).map { act($0) })
        #expect(page.damage.map(\.file) == [layout.journalFile(3)])
        let error = await #expect(throws: SpoolError.self) { try await journal(base).append([act(7)]) }
        #expect(error?.message.contains(layout.journalFile(3)) == true)
        try base.remove(layout.journalFile(3))
        try await journal(base).append([act(7)])
    }

    @Test("fsck changes nothing: a torn end of the journal is counted and left for the next append")
    func examinationLeavesTornEnd() async throws {
        let files = try await fill()
        let torn = Array("LAYOVER1 half an act".utf8)
        base.corrupt(layout.journalFile(2)) { $0 += torn }
        let findings = try SpoolExamination(layout: layout, fileSystem: base).run()
        #expect(findings.tornBytes == torn.count)
        #expect(findings.keptTornEnds.isEmpty)
        #expect(base.content(of: layout.journalFile(2)) == (files[2]?.content ?? []) + torn)
        try await journal(base).append([act(7)])
        let after = try SpoolExamination(layout: layout, fileSystem: base).run()
        #expect(after.tornBytes == 0)
        #expect(after.keptTornEnds.count == 1)
    }

    @Test("The clock may go back between acts: their order and numbers stay")
    func clock() async throws {
        let appender = JournalAppender(JournalTailKeeper(layout: layout, fileSystem: base, limits: Self.limits))
        try layout.create(base)
        let times: [Int64] = [2_000_000_000_000, 1_000, 1_800_000_000_000, 0, 8_000_000_000_000]
        for (index, time) in times.enumerated() {
            let content = JournalContent.encode(act(index + 1), at: Timestamp(milliseconds: time), by: "test")
            appender.write([JournalAppender.Request(contents: [content]) { _ in }])
        }
        let whole = try journal(base).everything()
        #expect(whole.entries.map(\.at.milliseconds) == times)
        #expect(whole.entries.map(\.act) == (1...5).map { act($0) })
        #expect(whole.damage.isEmpty)
    }
}
