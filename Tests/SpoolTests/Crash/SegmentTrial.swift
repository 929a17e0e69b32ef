import MailModel
import TestKit

@testable import Spool

#if canImport(Glibc)
import Glibc
#endif

/// One run of the writer over a disk on which something goes wrong, and what must hold afterwards.
struct SegmentTrial {
    /// How the run ends.
    enum Ending: CaseIterable {
        case kill, powerCut
    }

    /// What the sender of a message was told.
    enum Told {
        case accepted, refused
    }

    let layout: SpoolLayout
    let seed: UInt64
    /// Groups of messages: small, empty, page-sized, large.
    let waves: [[TestMessage]]
    var weakness: WeakenedFileSystem.Weakness?
    /// A broken receiver: it says 250 before the writer has answered.
    var acknowledgesEarly = false

    static let limits: SpoolLimits = {
        var limits = SpoolLimits()
        limits.segmentSize = .kib(16)
        limits.groupMessages = 4
        return limits
    }()

    init(layout: SpoolLayout, seed: UInt64) {
        self.layout = layout
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        var number = 0
        waves = (0..<5).map { wave in
            (0..<4).map { index in
                number += 1
                let length = [0, 1, 300, 511, 1_500, 4_096, 6_000].randomElement(using: &random) ?? 0
                let isLarge = index == 3 && wave % 2 == 1
                return TestMessage(
                    number, bytes: TestMessage.filler(isLarge ? 9_000 : length, using: &random), isLarge: isLarge)
            }
        }
    }

    func freshDisk() -> PowerCutFileSystem { PowerCutFileSystem(root: CachedRoot.parent(of: layout), seed: seed) }

    /// How many changes the run asks of a disk on which nothing goes wrong.
    func changes() async -> Int {
        let disk = freshDisk()
        _ = await run(on: disk)
        return disk.count()
    }

    /// Runs with these faults, ends, starts again and says everything that is not as it must be.
    ///
    /// - Parameter refusedIsGone: what was refused must not be found; only where the disk let the writer take it back.
    /// - Parameter startFault: what goes wrong at a first new start, before the one that is looked at.
    func violations(
        _ faults: [PlannedFault], _ ending: Ending, refusedIsGone: Bool, startFault: PlannedFault? = nil
    ) async -> [String] {
        let disk = freshDisk()
        disk.plan(faults)
        let told = await run(on: disk)
        var left = ending == .kill ? disk.afterKill() : disk.afterPowerCut(seed: seed &+ 1)
        if let startFault {
            left.plan([startFault])
            try? SegmentWriter(layout: layout, fileSystem: left, limits: Self.limits).close()
            left = ending == .kill ? left.afterKill() : left.afterPowerCut(seed: seed &+ 4)
        }
        do {
            return try await SegmentVerdict(trial: self, told: told, refusedIsGone: refusedIsGone).violations(of: left)
        } catch {
            return ["the spool does not open again: \(error)"]
        }
    }

    /// The receiver's life: waves of messages, and a new process whenever the writer has ended.
    private func run(on disk: PowerCutFileSystem) async -> [MessageID: Told] {
        let fileSystem: any SpoolFileSystem = weakness.map { WeakenedFileSystem(disk, $0) } ?? disk
        var told: [MessageID: Told] = [:]
        var writer: SegmentWriter?
        for wave in waves {
            if writer?.failed != nil {
                writer?.close()
                writer = nil
            }
            if writer == nil {
                writer = try? SegmentWriter(layout: layout, fileSystem: fileSystem, limits: Self.limits)
            }
            guard let writer else { continue }
            let offered = wave.filter { message in
                guard message.isLarge else { return true }
                let isWritten: Void? = try? message.writeLargeFile(layout, fileSystem)
                if isWritten == nil { told[message.id] = .refused }
                return isWritten != nil
            }
            for (message, error) in zip(offered, await writer.send(offered)) {
                told[message.id] = error == nil || acknowledgesEarly ? .accepted : .refused
            }
        }
        writer?.close()
        return told
    }
}

/// The directory above a spool.
enum CachedRoot {
    static func parent(of layout: SpoolLayout) -> String {
        layout.directory.lastIndex(of: "/").map { String(layout.directory[..<$0]) } ?? ""
    }
}
