import MailModel
import TestKit

@testable import Spool

/// One life of the receiver over a disk on which something goes wrong, and what must hold afterwards.
struct SegmentTrial: MatrixTrial {
    /// What the sender of a message was told.
    enum Told {
        case accepted, refused
    }

    let layout: SpoolLayout
    let seed: UInt64
    let part: MatrixPart
    var mistake: BrokenVariant.Mistake?
    /// Groups of messages: small, empty, page-sized, large.
    let waves: [[TestMessage]]

    var limits: SpoolLimits {
        var limits = SpoolLimits()
        limits.segmentSize = part == .rolling ? ByteCount(1) : .kib(16)
        limits.groupMessages = 4
        return limits
    }

    init(layout: SpoolLayout, seed: UInt64, part: MatrixPart, mistake: BrokenVariant.Mistake? = nil) {
        self.layout = layout
        self.seed = seed
        self.part = part
        self.mistake = mistake
        var random = SeededGenerator(seed: seed)
        var number = 0
        waves = (0..<(part == .segments ? 4 : 3)).map { wave in
            (0..<(part == .segments ? 3 : 2)).map { index in
                number += 1
                let length = [0, 1, 300, 511, 1_500, 4_096, 6_000].randomElement(using: &random) ?? 0
                let isLarge = part == .large || (part == .segments && index == 2 && wave % 2 == 1)
                return TestMessage(
                    number, bytes: TestMessage.filler(isLarge ? 9_000 : length, using: &random), isLarge: isLarge)
            }
        }
    }

    func freshDisk() -> PowerCutFileSystem { PowerCutFileSystem(root: layout.parent, seed: seed) }

    /// The disk as every process of this trial uses it.
    func used(_ disk: PowerCutFileSystem) -> any SpoolFileSystem { mistake?.wrap(disk, layout) ?? disk }

    func operations(of kinds: Set<DiskOperation>) async -> [DiskOperation] {
        let disk = freshDisk()
        _ = await run(on: disk)
        return disk.log(of: kinds)
    }

    func startOperations(after matrixCase: MatrixCase, of kinds: Set<DiskOperation>) async -> [DiskOperation] {
        let disk = freshDisk()
        disk.plan(matrixCase.faults)
        _ = await run(on: disk)
        let left = matrixCase.ending.disk(after: disk, seed: seed &+ 1)
        try? start(left).close()
        return left.log(of: kinds)
    }

    func start(_ disk: PowerCutFileSystem) throws -> SegmentWriter {
        try SegmentWriter(layout: layout, fileSystem: used(disk), limits: limits)
    }

    func violations(_ matrixCase: MatrixCase) async -> [String] {
        let disk = freshDisk()
        disk.plan(matrixCase.faults)
        var (told, follower) = await run(on: disk)
        do {
            // The machine's last moment: the receiver still holds its lock, and a reader reads once more.
            let last = disk.afterKill()
            let lock = try SpoolLock.acquire(layout: layout, name: .receiver, wait: false)
            follower.follow(used(last))
            lock?.release()
            var left = matrixCase.ending.disk(after: last, seed: seed &+ 1)
            for (index, fault) in matrixCase.startFaults.enumerated() {
                left.plan([fault])
                try? start(left).close()
                follower.follow(used(left))
                left = matrixCase.ending.disk(after: left, seed: seed &+ 4 &+ UInt64(index))
            }
            let verdict = SegmentVerdict(
                trial: self, told: told, refusedIsGone: matrixCase.refusedIsGone, leavesHoles: matrixCase.leavesHoles,
                follower: follower)
            return try await verdict.violations(of: left)
        } catch {
            return ["the spool does not open again: \(error)"]
        }
    }

    /// The receiver's life: waves of messages, and a new process whenever the writer has ended; and a reader beside it.
    private func run(on disk: PowerCutFileSystem) async -> (told: [MessageID: Told], follower: SpoolFollower) {
        let fileSystem = used(disk)
        var told: [MessageID: Told] = [:]
        var follower = SpoolFollower(layout: layout, mistake: mistake)
        var writer: SegmentWriter?
        for wave in waves {
            if writer?.failed != nil {
                writer?.close()
                writer = nil
            }
            if writer == nil { writer = try? start(disk) }
            follower.follow(fileSystem)
            guard let writer else { continue }
            let offered = wave.filter { message in
                guard message.isLarge else { return true }
                let isWritten: Void? = try? message.writeLargeFile(layout, fileSystem)
                if isWritten == nil { told[message.id] = .refused }
                return isWritten != nil
            }
            for (message, error) in zip(offered, await writer.send(offered)) {
                told[message.id] = error == nil || mistake == .acknowledgesEarly ? .accepted : .refused
            }
        }
        writer?.close()
        return (told, follower)
    }
}
