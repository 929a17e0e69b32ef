import MailModel
import TestKit

@testable import Spool

/// A full spool of which a part is given back while something goes wrong, and what must hold afterwards.
struct ReclaimTrial {
    let layout: SpoolLayout
    let seed: UInt64
    let messages: [TestMessage]
    /// Of each segment some, of one segment all.
    let dead: Set<MessageID>
    /// The disk before the reclaim, with everything on stable storage.
    private let full: PowerCutFileSystem

    init(layout: SpoolLayout, seed: UInt64) async throws {
        self.layout = layout
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        messages = (1...24).map { number in
            let length = [0, 1, 300, 1_500, 3_000].randomElement(using: &random) ?? 0
            let isLarge = number % 5 == 2
            return TestMessage(
                number, bytes: TestMessage.filler(isLarge ? 9_000 : length, using: &random), isLarge: isLarge)
        }
        let disk = PowerCutFileSystem(root: layout.parent, seed: seed)
        try await Self.fill(disk, layout, messages)
        var dead: Set<MessageID> = []
        let content = try SpoolReader(layout: layout, fileSystem: disk).everything()
        let segments = Dictionary(grouping: content.messages, by: \.position.segment)
        for (index, number) in segments.keys.sorted().enumerated() {
            for message in segments[number] ?? [] where index == 1 || Bool.random(using: &random) {
                dead.insert(message.id)
            }
        }
        self.dead = dead
        full = disk.afterPowerCut(seed: seed)
    }

    private static func fill(_ disk: PowerCutFileSystem, _ layout: SpoolLayout, _ messages: [TestMessage]) async throws
    {
        var limits = SpoolLimits()
        limits.segmentSize = .kib(8)
        limits.groupMessages = 4
        let writer = try SegmentWriter(layout: layout, fileSystem: disk, limits: limits)
        for start in stride(from: 0, to: messages.count, by: 4) {
            let group = Array(messages[start..<start + 4])
            for message in group where message.isLarge { try message.writeLargeFile(layout, disk) }
            _ = await writer.send(group)
        }
        writer.close()
    }

    func freshDisk() -> PowerCutFileSystem { full.afterKill() }

    /// How many changes a reclaim asks of a disk on which nothing goes wrong.
    func changes() async throws -> Int {
        let disk = freshDisk()
        try await ReclaimRun(layout: layout, fileSystem: disk, dead: dead).run()
        return disk.count()
    }

    /// Runs with these faults, ends, and says what is not as it must be: before the next run, and after it.
    func violations(_ faults: [PlannedFault], _ ending: Ending, second: [PlannedFault] = []) async throws
        -> [String]
    {
        let disk = freshDisk()
        disk.plan(faults)
        try? await ReclaimRun(layout: layout, fileSystem: disk, dead: dead).run()
        var left = ending.disk(after: disk, seed: seed &+ 1)
        var found = try compare(left, isDone: false).map { "after the crash: \($0)" }
        if !second.isEmpty {
            left.plan(second)
            try? await ReclaimRun(layout: layout, fileSystem: left, dead: dead).run()
            left = ending.disk(after: left, seed: seed &+ 2)
            found += try compare(left, isDone: false).map { "after the second crash: \($0)" }
        }
        try await ReclaimRun(layout: layout, fileSystem: left, dead: dead).run()
        found += try compare(left, isDone: true).map { "after the next run: \($0)" }
        found += try compare(left.afterPowerCut(seed: seed &+ 3), isDone: true).map { "and a power cut: \($0)" }
        return found
    }

    private func compare(_ disk: PowerCutFileSystem, isDone: Bool) throws -> [String] {
        var found: [String] = []
        let content = try SpoolReader(layout: layout, fileSystem: disk).everything()
        found += content.damage.map { "damage is reported: \($0)" }
        let there = Dictionary(
            zip(content.messages, content.bytes).map { ($0.0.id, $0.1) }, uniquingKeysWith: { first, _ in first })
        if there.count != content.messages.count { found.append("a message is there twice") }
        let journal = try Journal(layout: layout, by: "test", fileSystem: disk)
        defer { journal.close() }
        let journaled = try ReclaimRun.journaled(journal)
        let gone = Set(journaled.messages.values.joined().map(\.id))
        if gone.count != journaled.messages.values.reduce(0, { $0 + $1.count }) { found.append("journaled twice") }
        let last = content.messages.last?.position.segment
        for message in messages {
            if let bytes = there[message.id] {
                if bytes != message.bytes { found.append("\(message.id) has changed") }
            } else if !gone.contains(message.id) {
                found.append("\(message.id) is neither in a segment nor in the journal")
            }
            if gone.contains(message.id), !dead.contains(message.id) { found.append("\(message.id) was not to go") }
        }
        if content.messages.map(\.id) != messages.map(\.id).filter({ there[$0] != nil }) {
            found.append("the order has changed")
        }
        guard isDone else { return found }
        for message in content.messages where dead.contains(message.id) && message.position.segment != last {
            found.append("\(message.id) is still there")
        }
        for message in messages where message.isLarge && there[message.id] == nil {
            if disk.content(of: layout.largeFile(message.id)) != nil { found.append("a large file is left") }
        }
        if try disk.list(layout.segments).contains(where: { $0.hasSuffix(".new") }) {
            found.append("a replacement is left")
        }
        if !journaled.open.isEmpty { found.append("segments \(journaled.open) are not done") }
        let findings = try SpoolExamination(layout: layout, fileSystem: disk).run()
        found += findings.damage.map { "fsck reports: \($0)" }
        return found
    }
}
