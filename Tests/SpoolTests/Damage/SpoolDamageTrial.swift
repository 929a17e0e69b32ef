import MailModel
import TestKit

@testable import Spool

/// A spool whose bytes are changed behind its back, and what must be true of it then.
struct SpoolDamageTrial {
    let layout: SpoolLayout
    let base: PowerCutFileSystem
    /// Every message that was acknowledged, and where its record lies.
    let sent: [TestMessage]
    let records: [(location: SpoolLocation, range: Range<Int>)]
    /// Nobody's bytes: the LF that ends each record.
    let endings: Set<Int>
    let content: [UInt8]

    /// - Parameter stop: how the writer of `segments/00000001.seg` ended.
    /// - Parameter together: all messages but the first are one group; else each is one.
    /// - Parameter weakness: a mistake of that writer.
    init(
        _ layout: SpoolLayout, messages: [TestMessage], stop: Stop, together: Bool = false,
        weakness: WeakenedFileSystem.Weakness? = nil
    ) async throws {
        self.layout = layout
        sent = messages
        let disk = PowerCutFileSystem(root: layout.parent, seed: 1)
        let used: any SpoolFileSystem = weakness.map { WeakenedFileSystem(disk, $0) } ?? disk
        var writer = try SegmentWriter(layout: layout, fileSystem: used)
        for message in messages where message.isLarge { try message.writeLargeFile(layout, disk) }
        for group in together ? [messages] : messages.map({ [$0] }) { _ = await writer.send(group) }
        if stop == .killed {
            base = disk.afterKill()
            writer.close()
        } else {
            writer.close()
            if stop == .followed {
                writer = try SegmentWriter(layout: layout, fileSystem: disk)
                _ = await writer.send([Self.later])
                writer.close()
            }
            base = disk
        }
        let found = try SpoolReader(layout: layout, fileSystem: base).everything().messages
        records = found.filter { $0.position.segment == 1 }.map { ($0.location, $0.position.offset..<$0.end.offset) }
        content = base.content(of: layout.segment(1)) ?? []
        endings = Set(records.map { $0.range.upperBound - 1 } + (stop == .killed ? [] : [content.count - 1]))
        self.stop = stop
    }

    enum Stop: CaseIterable {
        /// The segment is the last one and was ended by a kill, or with a seal; or it is sealed and another one follows.
        case killed, sealed, followed

        /// Where each of the three need not do everything: which third is its own.
        var share: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    let stop: Stop
    static let later = TestMessage(800, text: "in the segment after it")
    private static let probe = TestMessage(900, text: "after the damage")

    var all: [TestMessage] { stop == .followed ? sent + [Self.later] : sent }

    /// Changes the segment, and says everything that is not as it must be.
    ///
    /// - Parameter touched: the bytes of the segment, as it was, that are not what they were; the messages in it may be lost to
    ///   the reader, no other.
    /// - Parameter shifts: all behind them has moved, so that the damage reaches into the end of the file.
    /// - Parameter restarts: also look at what the next start does.
    /// - Parameter forgets: nothing is left of what was published, as after a power cut.
    func violations(
        touching touched: Range<Int>, shifts: Bool = false, restarts: Bool = true, forgets: Bool = false,
        _ change: (inout [UInt8]) -> Void
    ) async throws -> [String] {
        let disk = base.afterKill()
        disk.corrupt(layout.segment(1), change)
        if forgets { try disk.remove(layout.committed) }
        var found: [String] = []
        let lost = Set(records.filter { $0.range.overlaps(touched) }.map(\.location.id))
        let before = try served(disk, &found)
        for message in all where !lost.contains(message.id) && !before.contains(message.id) {
            found.append("\(message.id) is not served although none of its bytes has changed")
        }
        let findings = try SpoolExamination(layout: layout, fileSystem: disk).run()
        let isNamed =
            findings.damage.contains { $0.file == layout.segment(1) } || findings.tornBytes > 0
            || findings.unsealedSegments == [layout.segment(1)]
        if !isNamed, touched.contains(where: { !endings.contains($0) }) { found.append("fsck finds nothing") }
        guard restarts else { return found }
        // The next start changes nothing of that, keeps what it cuts, and takes mail.
        let size = disk.content(of: layout.segment(1))?.count ?? 0
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        if await writer.send([Self.probe])[0] != nil { found.append("no more mail is taken") }
        writer.close()
        let isBeforeSeal = touched.upperBound < content.count - RecordHeader.length
        if stop != .killed, !shifts, isBeforeSeal, writer.recovery.tornBytes > 0 {
            found.append("what was closed in order was cut off")
        }
        let kept = writer.recovery.tornCopy.flatMap { disk.content(of: $0)?.count } ?? 0
        if (disk.content(of: layout.segment(1))?.count ?? 0) + kept != size {
            found.append("bytes were cut off and not kept")
        }
        let after = try served(disk, &found)
        if after != before + [Self.probe.id] { found.append("the start changed what is served") }
        return found
    }

    /// The ids of the messages that are served with their bytes, in order.
    func served(_ disk: PowerCutFileSystem, _ found: inout [String]) throws -> [MessageID] {
        let reader = SpoolReader(layout: layout, fileSystem: disk)
        let page = try reader.messages(from: .start, end: reader.stableEnd(), limit: 1_000)
        var ids: [MessageID] = []
        for message in page.messages {
            do {
                let bytes = try reader.bytes(of: message.location)
                guard let original = (all + [Self.probe]).first(where: { $0.id == message.id }) else {
                    found.append("\(message.id) is served and was never sent")
                    continue
                }
                if bytes != original.bytes || message.envelope != original.envelope {
                    found.append("\(message.id) is served changed")
                }
                ids.append(message.id)
            } catch let error as SpoolError where error.code == .damaged || error.code == .missing {
                continue
            }
        }
        if Set(ids).count != ids.count { found.append("a message is served twice") }
        if ids != ids.sorted() { found.append("messages are served out of order") }
        return ids
    }
}
