import MailModel
import TestKit
import Testing

@testable import Spool

/// A group that was acknowledged, a kill, and then a byte, a sector or a page that is not what it was.
@Suite("The last group, changed after it was acknowledged")
struct LastGroupTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
    }

    /// The second to the last are one group: small, empty, large, page-sized.
    private func trial() async throws -> SpoolDamageTrial {
        let messages = [
            TestMessage(1, text: "a group of its own"), TestMessage(2, text: "Subject: 2\r\n\r\ntwo\r\n"),
            TestMessage(3, text: ""), TestMessage(4, bytes: [UInt8](repeating: 0x78, count: 2_000), isLarge: true),
            TestMessage(5, bytes: [UInt8](repeating: 0x79, count: 5_000)), TestMessage(6, text: "the last\r\n"),
        ]
        return try await SpoolDamageTrial(layout, messages: messages, stop: .killed, together: true)
    }

    @Test("Any byte of it costs at most its own message, whether what was published is still known or not")
    func everyByte() async throws {
        let trial = try await trial()
        for offset in trial.records[1].range.lowerBound..<trial.content.count {
            // Inside the long body every byte is like every other.
            if trial.records[4].range.contains(offset), trial.content[offset] == 0x79, offset % 97 != 0 { continue }
            for forgets in [false, true] {
                let found = try await trial.violations(touching: offset..<offset + 1, forgets: forgets) {
                    $0[offset] ^= 1 << (offset % 8)
                }
                #expect(found.isEmpty, "byte \(offset), forgets \(forgets)")
            }
        }
    }

    @Test("A sector or a page of it, at any place, costs the messages that it touches", arguments: [512, 4_096])
    func everyPage(length: Int) async throws {
        let trial = try await trial()
        let first = trial.records[1].range.lowerBound
        for start in stride(from: first, to: trial.content.count, by: 61) {
            let page = start..<min(start + length, trial.content.count)
            for (filler, forgets) in [(0, false), (0, true), (0xFF, start % 2 == 0)] as [(UInt8, Bool)] {
                let found = try await trial.violations(touching: page, forgets: forgets) { bytes in
                    for offset in page { bytes[offset] = filler }
                }
                #expect(found.isEmpty, "\(length) bytes at \(start), forgets \(forgets)")
            }
        }
    }

    /// What the next start says of one byte changed in a record of the group.
    private func start(changing index: Int, forgets: Bool) async throws -> (
        trial: SpoolDamageTrial, disk: PowerCutFileSystem, report: RecoveryReport
    ) {
        let trial = try await trial()
        let disk = trial.base.afterKill()
        disk.corrupt(layout.segment(1)) { $0[trial.records[index].range.lowerBound + 30] ^= 1 }
        if forgets { try disk.remove(layout.committed) }
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        writer.close()
        return (trial, disk, writer.recovery)
    }

    @Test("Where it is known that the group was stored, it is damage wherever it is, for every start from then on")
    func known() async throws {
        for index in 1...5 {
            let (trial, disk, report) = try await start(changing: index, forgets: false)
            #expect(report.damage.map(\.offset) == [trial.records[index].range.lowerBound])
            #expect(report.undecided.isEmpty && report.tornBytes == 0)
            // A power cut takes from the next start what was published.
            let cut = disk.afterPowerCut(seed: 1)
            try cut.remove(layout.committed)
            let next = try SegmentWriter(layout: layout, fileSystem: cut)
            next.close()
            #expect(next.recovery.tornBytes == 0)
            #expect(cut.content(of: layout.segment(1))?.count == trial.content.count)
            let page = try SpoolReader(layout: layout, fileSystem: cut).everything()
            #expect(page.damage.map(\.offset) == [trial.records[index].range.lowerBound])
            #expect(page.messages.count == 5)
        }
    }

    @Test(
        "Where that is not known, it is undecided before a whole record, and a torn end that is kept behind the last one"
    )
    func unknown() async throws {
        for index in 1...5 {
            let (trial, disk, report) = try await start(changing: index, forgets: true)
            let range = trial.records[index].range
            #expect(report.damage.isEmpty)
            #expect(report.undecided.map(\.offset) == (index < 5 ? [range.lowerBound] : []))
            #expect(report.tornBytes == (index < 5 ? 0 : range.count))
            #expect(disk.content(of: report.tornCopy ?? "")?.count == (index < 5 ? nil : range.count))
            #expect(try SpoolReader(layout: layout, fileSystem: disk).everything().messages.count == 5)
        }
    }

    @Test("A start that fails does not take from the next one what was published, at each of its operations")
    func failingStart() async throws {
        let trial = try await trial()
        let last = try #require(trial.records.last?.range.lowerBound)
        for kinds in [DiskOperation.changes, DiskOperation.looks] {
            for number in 1...30 {
                let disk = trial.base.afterKill()
                disk.corrupt(layout.segment(1)) { $0[last + 30] ^= 1 }
                disk.plan([PlannedFault(.crash, at: number, of: kinds)])
                try? SegmentWriter(layout: layout, fileSystem: disk).close()
                let left = disk.afterKill()
                let writer = try SegmentWriter(layout: layout, fileSystem: left)
                writer.close()
                let found = try SpoolExamination(layout: layout, fileSystem: left).run()
                #expect(found.damage.map(\.offset) == [last], "\(kinds), operation \(number)")
                // The crash may have left a part of the segment behind it.
                let cut = found.keptTornEnds.filter { !$0.contains("00000002.") }
                #expect(cut.isEmpty, "\(kinds), operation \(number)")
            }
        }
    }

    @Test("Nobody reads beyond what a start would cut, and fsck names what only the published position tells")
    func readers() async throws {
        let trial = try await trial()
        let last = try #require(trial.records.last?.range.lowerBound)
        let disk = trial.base.afterKill()
        disk.corrupt(layout.segment(1)) { $0[last + 30] ^= 1 }
        #expect(
            try SpoolReader(layout: layout, fileSystem: disk).stableEnd() == SpoolPosition(segment: 1, offset: last))
        let findings = try SpoolExamination(layout: layout, fileSystem: disk).run()
        #expect(findings.damage.map(\.offset) == [last] && findings.tornBytes == 0)
        try disk.remove(layout.committed)
        let blind = try SpoolExamination(layout: layout, fileSystem: disk).run()
        #expect(blind.damage.isEmpty && blind.tornBytes == trial.content.count - last)
    }
}
