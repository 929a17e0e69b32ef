import MailModel
import TestKit
import Testing

@testable import Spool

/// A group that was written and never synced, as every power cut leaves it: any of its sectors, in any order.
@Suite("A group that the power cut tears")
struct TornGroupTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
    }

    /// What lies on the disk at the moment of the cut, and where.
    private struct Moment {
        var disk: PowerCutFileSystem
        var acknowledged: [TestMessage] = []
        /// What the file would hold, had all of it been stored.
        var content: [UInt8] = []
        var records: [(id: MessageID, range: Range<Int>)] = []
    }

    /// One message acknowledged, then a group of small and page-sized ones that the crash catches before its sync (D2).
    private func moment(seed: UInt64) async throws -> Moment {
        var random = SeededGenerator(seed: seed)
        let disk = PowerCutFileSystem(root: layout.parent, seed: seed)
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        var moment = Moment(disk: disk, acknowledged: [TestMessage(1, text: "kept")])
        #expect(await writer.send(moment.acknowledged)[0] == nil)
        let group = (2..<8).map { number in
            let length = [0, 1, 300, 1_500, 4_096, 9_000].randomElement(using: &random) ?? 0
            return TestMessage(number, bytes: TestMessage.filler(length, using: &random))
        }
        // The first of them is a group of its own, and synced.
        disk.plan([PlannedFault(.crash, at: 2, of: [.sync])])
        _ = await writer.send(group)
        moment.disk = disk.afterKill()
        writer.close()
        moment.content = try #require(moment.disk.content(of: layout.segment(1)))
        let all = try SpoolReader(layout: layout, fileSystem: moment.disk.afterKill()).everything().messages
        moment.records = all.map { ($0.id, $0.position.offset..<$0.end.offset - 1) }
        #expect(moment.records.count == 8 - 1)
        return moment
    }

    @Test("Every record that it leaves whole is served, now and after every start, and nothing else is")
    func tear() async throws {
        let seed = TestSeed.announced(for: "torn groups")
        var (holes, ends) = (0, 0)
        for round in 0..<TestRounds.count(40) {
            let moment = try await moment(seed: seed &+ UInt64(round))
            for cut in 0..<10 as Range<UInt64> {
                let disk = moment.disk.afterPowerCut(seed: seed &+ cut)
                let left = try #require(disk.content(of: layout.segment(1)))
                let whole = moment.records.filter { record in
                    record.range.upperBound <= left.count && left[record.range] == moment.content[record.range]
                }
                #expect(whole.first?.id == moment.acknowledged[0].id)
                let what = "LAYOVER_SEED=\(seed), round \(round), cut \(cut)"
                #expect(try served(disk) == whole.map(\.id), "\(what)")
                let writer = try SegmentWriter(layout: layout, fileSystem: disk)
                let report = writer.recovery
                writer.close()
                #expect(report.damage.isEmpty, "\(what): nothing of it was ever stored for certain")
                #expect(report.newestID == whole.last?.id, "\(what)")
                #expect(try served(disk) == whole.map(\.id), "\(what), after the start")
                let next = disk.afterPowerCut(seed: seed &+ cut &+ 1)
                try SegmentWriter(layout: layout, fileSystem: next).close()
                #expect(try served(next) == whole.map(\.id), "\(what), after one more cut and start")
                let kept = report.tornCopy.flatMap { disk.content(of: $0)?.count } ?? 0
                #expect((disk.content(of: layout.segment(1))?.count ?? 0) + kept == left.count, "\(what)")
                holes += report.undecided.isEmpty ? 0 : 1
                ends += report.tornBytes > 0 ? 1 : 0
            }
        }
        print("torn groups: \(holes) with holes before whole records, \(ends) with torn ends")
        #expect(holes > 10 && ends > 10)
    }

    /// The ids of the messages that come with their bytes.
    private func served(_ disk: PowerCutFileSystem) throws -> [MessageID] {
        let reader = SpoolReader(layout: layout, fileSystem: disk)
        let content = try reader.everythingReadable(to: reader.stableEnd())
        return content.messages.map(\.id).filter { !content.unreadable.contains($0) }
    }
}
