import MailModel
import TestKit

@testable import Spool

/// Compares a spool after a crash with what its senders were told.
struct SegmentVerdict {
    let trial: SegmentTrial
    let told: [MessageID: SegmentTrial.Told]
    let refusedIsGone: Bool

    func violations(of disk: PowerCutFileSystem) async throws -> [String] {
        var found: [String] = []
        // A reader that comes before the receiver…
        let reader = SpoolReader(layout: trial.layout, fileSystem: disk)
        let early = try exists(disk) ? reader.everything() : SpoolContent()
        let earlyEnd = try exists(disk) ? reader.stableEnd() : .start
        found += compare(early)
        // …has seen only what the next power cut leaves…
        let cut = disk.afterPowerCut(seed: trial.seed &+ 2)
        let again = try exists(cut) ? SpoolReader(layout: trial.layout, fileSystem: cut).everything() : SpoolContent()
        if again.messages.map(\.id) != early.messages.map(\.id) {
            found.append("a reader saw what a power cut took back")
        }
        // …and what the receiver finds.
        found += try await restart(disk, early.messages.map(\.id), earlyEnd)
        return found
    }

    private func exists(_ disk: PowerCutFileSystem) throws -> Bool {
        do {
            _ = try disk.list(trial.layout.segments)
            return true
        } catch let error as SpoolError where error.code == .missing {
            return false
        }
    }

    private func restart(_ disk: PowerCutFileSystem, _ early: [MessageID], _ earlyEnd: SpoolPosition) async throws
        -> [String]
    {
        var found: [String] = []
        let writer = try SegmentWriter(layout: trial.layout, fileSystem: disk, limits: SegmentTrial.limits)
        if (writer.recovery.end ?? .start) != earlyEnd {
            found.append("reader's end \(earlyEnd), receiver's end \(String(describing: writer.recovery.end))")
        }
        if !writer.recovery.damage.isEmpty { found.append("recovery reports damage: \(writer.recovery.damage)") }
        let probe = TestMessage(9_999, text: "after the crash")
        if let error = await writer.send([probe])[0] { found.append("the spool takes no more messages: \(error)") }
        writer.close()
        // Recovered once, recovered for good.
        let cut = disk.afterPowerCut(seed: trial.seed &+ 3)
        let second = try SegmentWriter(layout: trial.layout, fileSystem: cut, limits: SegmentTrial.limits)
        if second.recovery.tornBytes != 0 {
            found.append("a second recovery finds \(second.recovery.tornBytes) torn bytes")
        }
        second.close()
        let after = try SpoolReader(layout: trial.layout, fileSystem: cut).everything()
        if after.messages.map(\.id) != early + [probe.id] {
            found.append("the order or the number of messages has changed")
        }
        if !after.damage.isEmpty { found.append("damage after recovery: \(after.damage)") }
        return found
    }

    private func compare(_ content: SpoolContent) -> [String] {
        var found = content.damage.map { "damage is reported: \($0)" }
        let offered = Dictionary(uniqueKeysWithValues: trial.waves.joined().map { ($0.id, $0) })
        for (message, bytes) in zip(content.messages, content.bytes) {
            guard let sent = offered[message.id] else {
                found.append("\(message.id) was never sent")
                continue
            }
            if bytes != sent.bytes || message.envelope != sent.envelope { found.append("\(message.id) has changed") }
            if refusedIsGone, told[message.id] == .refused { found.append("\(message.id) was refused and is there") }
        }
        let ids = content.messages.map(\.id)
        if ids != ids.sorted() || Set(ids).count != ids.count { found.append("messages out of order or twice") }
        for (id, told) in told where told == .accepted && !ids.contains(id) {
            found.append("\(id) was acknowledged and is lost")
        }
        return found
    }
}
