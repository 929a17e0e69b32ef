import MailModel
import TestKit

@testable import Spool

/// Compares a spool after a crash with what its senders were told.
struct SegmentVerdict {
    let trial: SegmentTrial
    let told: [MessageID: SegmentTrial.Told]
    let refusedIsGone: Bool
    /// Groups that nobody was told of may have holes, with whole records behind them.
    let leavesHoles: Bool
    let follower: SpoolFollower

    func violations(of disk: PowerCutFileSystem) async throws -> [String] {
        var found: [String] = []
        // A reader that comes before the receiver…
        let early = try content(disk)
        found += compare(early) + compareLargeFiles(disk)
        // …has seen only what the next power cut leaves…
        if try content(disk.afterPowerCut(seed: trial.seed &+ 2)).messages.map(\.id) != early.messages.map(\.id) {
            found.append("a reader saw what a power cut took back")
        }
        // …as has one that read all the time…
        if !follower.damage.isEmpty, !leavesHoles {
            found.append("a reader beside it was shown damage: \(follower.damage)")
        }
        let places = Set(early.messages.map(\.location))
        for location in follower.seen where !places.contains(location) {
            found.append("\(location) was read before and is gone")
        }
        // …and what the receiver finds.
        return try await found + restart(disk, early)
    }

    private func exists(_ disk: PowerCutFileSystem) throws -> Bool {
        do {
            _ = try disk.list(trial.layout.segments)
            return true
        } catch let error as SpoolError where error.code == .missing {
            return false
        }
    }

    private func content(_ disk: PowerCutFileSystem) throws -> SpoolContent {
        guard try exists(disk) else { return SpoolContent() }
        let fileSystem = trial.used(disk)
        let reader = SpoolReader(layout: trial.layout, fileSystem: fileSystem)
        guard trial.mistake == .trustsCommitted else {
            return try reader.everythingReadable(to: reader.stableEnd())
        }
        let committed = try? CommittedPosition(layout: trial.layout, fileSystem: fileSystem, writing: false)
        return try reader.everythingReadable(to: committed?.read() ?? .start)
    }

    private func restart(_ disk: PowerCutFileSystem, _ early: SpoolContent) async throws -> [String] {
        var found: [String] = []
        let writer = try trial.start(disk)
        if (writer.recovery.end ?? .start) != early.end, trial.mistake != .trustsCommitted {
            found.append("reader's end \(early.end), receiver's end \(String(describing: writer.recovery.end))")
        }
        if !writer.recovery.damage.isEmpty { found.append("recovery reports damage: \(writer.recovery.damage)") }
        if !writer.recovery.undecided.isEmpty, !leavesHoles {
            found.append("recovery reports a hole: \(writer.recovery.undecided)")
        }
        if writer.recovery.newestID != early.messages.map(\.id).filter({ !early.unreadable.contains($0) }).max() {
            found.append("recovery knows another newest id than the reader")
        }
        let probe = TestMessage(9_999, text: "after the crash")
        if let error = await writer.send([probe])[0] { found.append("the spool takes no more messages: \(error)") }
        writer.close()
        // Recovered once, recovered for good.
        let cut = disk.afterPowerCut(seed: trial.seed &+ 3)
        if let copy = writer.recovery.tornCopy, cut.content(of: copy)?.count != writer.recovery.tornBytes {
            found.append("the torn end that was cut off is not kept")
        }
        let second = try trial.start(cut)
        if second.recovery.tornBytes != 0 {
            found.append("a second recovery finds \(second.recovery.tornBytes) torn bytes")
        }
        second.close()
        let after = try content(cut)
        if after.messages.map(\.id) != early.messages.map(\.id) + [probe.id] {
            found.append("the order or the number of messages has changed")
        }
        if after.damage != early.damage || after.unreadable != early.unreadable {
            found.append("damage after recovery: \(after.damage), before it: \(early.damage)")
        }
        let examination = try SpoolExamination(layout: trial.layout, fileSystem: cut).run()
        if examination.damage.count != after.damage.count + after.unreadable.count
            || examination.messages != after.messages.count - after.unreadable.count || !examination.aliens.isEmpty
        {
            found.append("fsck finds \(examination)")
        }
        return found
    }

    private func compare(_ content: SpoolContent) -> [String] {
        var found = leavesHoles ? [] : content.damage.map { "damage is reported: \($0)" }
        if !leavesHoles { found += content.unreadable.map { "\($0) cannot be read" } }
        let offered = Dictionary(uniqueKeysWithValues: trial.waves.joined().map { ($0.id, $0) })
        for (message, bytes) in zip(content.messages, content.bytes) where !content.unreadable.contains(message.id) {
            guard let sent = offered[message.id] else {
                found.append("\(message.id) was never sent")
                continue
            }
            if bytes != sent.bytes || message.envelope != sent.envelope { found.append("\(message.id) has changed") }
            if refusedIsGone, told[message.id] == .refused { found.append("\(message.id) was refused and is there") }
        }
        let ids = content.messages.map(\.id)
        if ids != ids.sorted() || Set(ids).count != ids.count { found.append("messages out of order or twice") }
        for (id, told) in told where told == .accepted && (!ids.contains(id) || content.unreadable.contains(id)) {
            found.append("\(id) was acknowledged and is lost")
        }
        return found
    }

    /// L2 before L3: what has a message's name has its bytes.
    private func compareLargeFiles(_ disk: PowerCutFileSystem) -> [String] {
        trial.waves.joined().filter(\.isLarge).compactMap { message in
            guard let bytes = disk.content(of: trial.layout.largeFile(message.id)), bytes != message.bytes else {
                return nil
            }
            return "large/\(message.id) has its name before its bytes"
        }
    }
}
