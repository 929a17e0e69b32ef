import TestKit

/// How a run ends.
enum Ending: String, CaseIterable, Sendable {
    case kill, powerCut

    /// What the next process finds.
    func disk(after disk: PowerCutFileSystem, seed: UInt64) -> PowerCutFileSystem {
        self == .kill ? disk.afterKill() : disk.afterPowerCut(seed: seed)
    }
}

/// One run of the matrix: what goes wrong, how it ends, and what goes wrong in the starts after it.
struct MatrixCase: Sendable, CustomStringConvertible {
    var faults: [PlannedFault]
    var ending: Ending
    /// Each is the fault of one start; after it comes another start, and after the last one that which is looked at.
    var startFaults: [PlannedFault] = []

    /// Whether a message that was refused must be gone: one fault that passed, and a disk that lets it be taken back.
    var refusedIsGone: Bool {
        faults.allSatisfy { $0.effect != .crash && $0.lasting == 1 } && faults.count == 1 && startFaults.isEmpty
    }

    /// Whether a group may be left with holes: the power went, or a sync failed and stored some pages and not others. A kill alone
    /// leaves the beginning of what was written.
    var leavesHoles: Bool { ending == .powerCut || (faults + startFaults).contains { $0.effect != .crash } }

    var description: String {
        let starts = startFaults.map { "; in the next start \($0)" }.joined()
        return "\(faults.map(\.description).joined(separator: ", "))\(starts); \(ending)"
    }
}

/// One life of a part of the spool, that can be run with faults and judged afterwards.
protocol MatrixTrial: Sendable {
    var seed: UInt64 { get }

    /// What the life asks of a disk on which nothing goes wrong.
    func operations(of kinds: Set<DiskOperation>) async -> [DiskOperation]
    /// What a start asks of the disk that this case leaves.
    func startOperations(after matrixCase: MatrixCase, of kinds: Set<DiskOperation>) async -> [DiskOperation]
    /// Runs, ends, starts again, and says everything that is not as it must be.
    func violations(_ matrixCase: MatrixCase) async -> [String]
}
