import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("The journal")
struct JournalTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk: PowerCutFileSystem

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        disk = PowerCutFileSystem(root: scratch.path, seed: 1)
    }

    private func act(_ number: Int) -> JournalAct { .waveClosed(name: "wave \(number)", why: "because \(number)") }

    private func journal(limits: SpoolLimits = SpoolLimits()) throws -> Journal {
        try Journal(layout: layout, by: "test", fileSystem: disk, limits: limits)
    }

    /// A journal of small files with so many acts in it, one group each.
    private func filled(_ count: Int, fileSize: Int = 16 << 20) async throws -> Journal {
        var limits = SpoolLimits()
        limits.journalSize = ByteCount(fileSize)
        let journal = try journal(limits: limits)
        for number in 1...count { try await journal.append([act(number)]) }
        return journal
    }

    @Test("Acts come back in order, numbered without gaps, with who did them, over all files and pages")
    func paging() async throws {
        let journal = try await filled(40, fileSize: 3_000)
        #expect(try disk.list(layout.journal).count > 3)
        for limit in [1, 2, 7, 40, 1_000] {
            var entries: [JournalEntry] = []
            var position = JournalPosition.start
            let end = try journal.end()
            while position < end {
                let page = try journal.entries(from: position, end: end, limit: limit)
                #expect(page.entries.count <= limit)
                #expect(page.damage.isEmpty)
                #expect(page.next > position)
                guard page.next > position else { return }
                entries += page.entries
                position = page.next
            }
            #expect(entries.map(\.act) == (1...40).map { act($0) })
            #expect(entries.map(\.sequence) == (1...40).map { UInt64($0) })
            #expect(entries.allSatisfy { $0.by == "test" && $0.at > Timestamp(milliseconds: 0) })
            #expect(position == end)
        }
    }

    @Test("An empty journal ends where it starts, and a position at or behind the end gives nothing")
    func empty() async throws {
        let journal = try journal()
        #expect(try journal.end() == .start)
        #expect(try journal.entries(from: .start, end: journal.end(), limit: 10).entries.isEmpty)
        let end = try await journal.append([act(1)])
        #expect(try journal.end() == end)
        #expect(try journal.entries(from: end, end: end, limit: 10).next == end)
        let behind = JournalPosition(file: end.file, offset: end.offset + 1_000)
        #expect(try journal.entries(from: behind, end: end, limit: 10).entries.isEmpty)
    }

    @Test("Two writers in turn continue one chain")
    func inTurn() async throws {
        let writers = [try journal(), try journal()]
        for number in 1...20 { try await writers[number % 2].append([act(number)]) }
        let whole = try journal().everything()
        #expect(whole.entries.map(\.act) == (1...20).map { act($0) })
        #expect(whole.damage.isEmpty)
    }

    @Test("Two writers at the same time, on a real disk, keep one chain, and each its own order")
    func concurrently() async throws {
        let writers = try ["a", "b"].map { try Journal(layout: layout, by: $0) }
        try await withThrowingTaskGroup { group in
            for writer in writers {
                for task in 0..<4 {
                    group.addTask {
                        for number in 0..<25 {
                            try await writer.append([.waveClosed(name: "\(task)", why: "\(number)")])
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let whole = try writers[0].everything()
        #expect(whole.damage.isEmpty)
        #expect(whole.entries.map(\.sequence) == (1...200).map { UInt64($0) })
        for by in ["a", "b"] {
            for task in 0..<4 {
                let numbers = whole.entries.compactMap { entry -> String? in
                    guard entry.by == by, case .waveClosed("\(task)", let number)? = entry.act else { return nil }
                    return number
                }
                #expect(numbers == (0..<25).map(String.init))
            }
        }
        #expect(try Journal(layout: layout, by: "c").everything().entries.count == 200)
    }

    /// The LFs between records: they carry nothing, so nothing checks them.
    private func endings(to end: JournalPosition) throws -> Set<Int> {
        let reader = JournalReader(layout: layout, fileSystem: disk)
        return Set(try (1...6).map { try reader.entries(from: .start, end: end, limit: $0).next.offset - 1 })
    }

    @Test("Any byte flipped is reported; the rest is served, and no altered act")
    func flippedBytes() async throws {
        let end = try await filled(6).end()
        let path = layout.journalFile(1)
        let size = try #require(disk.content(of: path)).count
        let expected = (1...6).map { act($0) }
        let endings = try endings(to: end)
        for offset in 0..<size where !endings.contains(offset) {
            let copy = disk.afterKill()
            copy.corrupt(path) { $0[offset] ^= 0x10 }
            let page = try JournalReader(layout: layout, fileSystem: copy).entries(from: .start, end: end, limit: 100)
            #expect(!page.damage.isEmpty, "byte \(offset) went unnoticed")
            let acts = page.entries.map(\.act)
            #expect(acts.allSatisfy { $0.map(expected.contains) ?? false }, "an altered act was served, byte \(offset)")
            #expect(acts.count >= 5, "byte \(offset) cost more than its act")
        }
    }

    @Test("Any byte flipped below the last group survives an append, and is never cut off")
    func flippedBytesAndAppend() async throws {
        _ = try await filled(4)
        let path = layout.journalFile(1)
        let clean = try #require(disk.content(of: path))
        let pages = try journal()
        let lastGroup = try pages.entries(from: .start, end: pages.end(), limit: 3).next.offset
        let endings = try endings(to: journal().end())
        for offset in stride(from: FileHeader.journalLength, to: lastGroup, by: 7) where !endings.contains(offset) {
            let copy = disk.afterKill()
            copy.corrupt(path) { $0[offset] ^= 0x10 }
            let writer = try Journal(layout: layout, by: "test", fileSystem: copy)
            try await writer.append([act(5)])
            let after = try #require(copy.content(of: path))
            #expect(after.count > clean.count, "byte \(offset) was cut off")
            let whole = try writer.everything()
            #expect(whole.entries.last?.act == act(5))
            #expect(whole.entries.last?.sequence == 5)
            #expect(whole.damage.count == 1)
        }
    }

    @Test("Content erased by law leaves the chain whole")
    func erased() async throws {
        let journal = try await filled(3)
        let second = try journal.entries(from: .start, end: journal.end(), limit: 1).next.offset
        disk.corrupt(layout.journalFile(1)) { bytes in
            let header = bytes[second...].withUnsafeBytes {
                RecordHeader.parse($0, nonce: Array(bytes[(second + 9)..<(second + 25)]), hasher: SHA256Hasher())
            }
            for index in 0..<(header?.envelopeLength ?? 0) { bytes[second + RecordHeader.length + index] = space }
        }
        let whole = try self.journal().everything()
        #expect(whole.damage.isEmpty)
        #expect(whole.entries.map(\.act) == [act(1), nil, act(3)])
        #expect(whole.entries.map(\.sequence) == [1, 2, 3])
    }

    @Test("An act that was taken out, or put in another place, breaks the chain", arguments: [true, false])
    func brokenChain(isSwapped: Bool) async throws {
        let journal = try await filled(4)
        let end = try journal.end()
        var cuts = [FileHeader.journalLength]
        for count in 1...4 { cuts.append(try journal.entries(from: .start, end: end, limit: count).next.offset) }
        disk.corrupt(layout.journalFile(1)) { bytes in
            let records = (0..<4).map { Array(bytes[cuts[$0]..<cuts[$0 + 1]]) }
            let kept =
                isSwapped ? [records[0], records[2], records[1], records[3]] : [records[0], records[2], records[3]]
            bytes = Array(bytes[..<cuts[0]]) + kept.joined()
        }
        let page = try journal.entries(from: .start, end: JournalPosition(file: 1, offset: .max), limit: 10)
        #expect(page.damage.contains { $0.finding.contains("chain") })
    }

    @Test(
        "A file that is missing, or shorter than it was, breaks the chain", arguments: [true, false], [1, 2, 3, 100])
    func missingFile(isMissing: Bool, limit: Int) async throws {
        let journal = try await filled(30, fileSize: 3_000)
        let end = try journal.end()
        let path = layout.journalFile(2)
        if isMissing {
            try disk.remove(path)
        } else {
            let first = try journal.entries(from: JournalPosition(file: 2, offset: 0), end: end, limit: 1).next.offset
            disk.corrupt(path) { $0 = Array($0[..<first]) }
        }
        var damage: [SpoolDamage] = []
        var position = JournalPosition.start
        while position < end {
            let page = try journal.entries(from: position, end: end, limit: limit)
            damage += page.damage
            guard page.next > position else { break }
            position = page.next
        }
        #expect(damage.count == 1)
        #expect(damage.first?.finding.contains("chain") == true)
        #expect(position == end)
    }

    @Test("A torn end is cut off, kept in torn/, and the next act takes its place")
    func tornEnd() async throws {
        _ = try await filled(2)
        disk.corrupt(layout.journalFile(1)) { $0 += Array("LAYOVER1 half an act".utf8) }
        let writer = try journal()
        try await writer.append([act(3)])
        let whole = try writer.everything()
        #expect(whole.entries.map(\.act) == (1...3).map { act($0) })
        #expect(whole.damage.isEmpty)
        let torn = try disk.list(layout.torn)
        #expect(torn.count == 1)
        #expect(disk.content(of: "\(layout.torn)/\(torn[0])") == Array("LAYOVER1 half an act".utf8))
    }

    @Test("A failed append throws, and the same object appends nothing more")
    func failure() async throws {
        let writer = try await filled(1)
        disk.plan([PlannedFault(.error(5), at: 1, of: [.sync])])
        await #expect(throws: SpoolError.self) { try await writer.append([act(2)]) }
        disk.plan([])
        await #expect(throws: SpoolError.self) { try await writer.append([act(3)]) }
        let next = try journal()
        try await next.append([act(4)])
        #expect(try next.everything().entries.map(\.act) == [act(1), act(4)])
    }

    @Test("An act too long for a record is refused and harms nothing")
    func hugeAct() async throws {
        var limits = SpoolLimits()
        limits.actSize = .kib(1)
        let writer = try journal(limits: limits)
        try await writer.append([act(1)])
        let huge = JournalAct.waveClosed(name: "x", why: String(repeating: "y", count: 1_024))
        await #expect(throws: SpoolError.self) { try await writer.append([huge]) }
        try await writer.append([act(2)])
        #expect(try writer.everything().entries.map(\.act) == [act(1), act(2)])
    }

    @Test("After close an append throws")
    func closed() async throws {
        let writer = try await filled(1)
        writer.close()
        await #expect(throws: SpoolError.self) { try await writer.append([act(2)]) }
    }
}
