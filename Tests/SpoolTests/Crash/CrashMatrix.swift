import TestKit
import Testing

@testable import Spool

#if canImport(Glibc)
import Glibc
#endif

/// Every fault at every operation, once, for a while and for good, with either ending; and faults in the starts that follow.
struct CrashMatrix {
    /// What may happen to any operation, and to a write only.
    private static let effects: [PlannedFault.Effect] = [.error(EIO), .error(ENOSPC)]
    private static let writeEffects: [PlannedFault.Effect] = [.shortWrite(EIO), .shortWrite(ENOSPC)]
    /// Once; until the second try has failed too; from then on. A full disk that has room again is the first two.
    private static let durations = [1, 3, .max]

    let trial: any MatrixTrial

    /// All cases, in an order that a seed repeats.
    func cases() async -> [MatrixCase] {
        await crashes() + failures() + failuresOfLooking() + crashesAfterFailures() + failingStarts()
    }

    private func crashes() async -> [MatrixCase] {
        (1...(await trial.operations(of: DiskOperation.changes).count + 1)).flatMap { number in
            Ending.allCases.map { MatrixCase(faults: [PlannedFault(.crash, at: number)], ending: $0) }
        }
    }

    private func failures() async -> [MatrixCase] {
        var cases: [MatrixCase] = []
        for (index, operation) in await trial.operations(of: DiskOperation.changes).enumerated() {
            for effect in Self.effects + (operation == .write ? Self.writeEffects : []) {
                for duration in Self.durations {
                    let fault = PlannedFault(effect, at: index + 1, lasting: duration)
                    cases += Ending.allCases.map { MatrixCase(faults: [fault], ending: $0) }
                }
            }
            // To the spool these are as EIO is.
            let number = [EINTR, EROFS, EACCES][index % 3]
            let fault = PlannedFault(.error(number), at: index + 1)
            cases.append(MatrixCase(faults: [fault], ending: Ending.allCases[index / 3 % 2]))
        }
        return cases
    }

    private func failuresOfLooking() async -> [MatrixCase] {
        (1...max(1, await trial.operations(of: DiskOperation.looks).count)).flatMap { number in
            [1, .max].map { duration in
                let fault = PlannedFault(.error(EIO), at: number, of: DiskOperation.looks, lasting: duration)
                return MatrixCase(faults: [fault], ending: number % 2 == 0 ? .kill : .powerCut)
            }
        }
    }

    /// The disk fails, and the process dies in the middle of its answer to that.
    private func crashesAfterFailures() async -> [MatrixCase] {
        var cases: [MatrixCase] = []
        for (index, operation) in await trial.operations(of: DiskOperation.changes).enumerated() {
            let full: PlannedFault.Effect = operation == .write ? .shortWrite(ENOSPC) : .error(ENOSPC)
            for effect in [.error(EIO), full] {
                for later in 1...3 {
                    let faults = [PlannedFault(effect, at: index + 1), PlannedFault(.crash, at: index + 1 + later)]
                    cases.append(MatrixCase(faults: faults, ending: .powerCut))
                }
            }
        }
        return cases
    }

    /// A crash, and then starts that crash or fail themselves, at each of their operations.
    private func failingStarts() async -> [MatrixCase] {
        var cases: [MatrixCase] = []
        let count = await trial.operations(of: DiskOperation.changes).count
        for number in stride(from: 2 + Int(trial.seed % 7), through: count, by: 7) {
            let ending = Ending.allCases[number / 7 % 2]
            let crash = MatrixCase(faults: [PlannedFault(.crash, at: number)], ending: ending)
            for operation in 1...max(1, await trial.startOperations(after: crash, of: DiskOperation.changes).count) {
                for fault in Self.startFaults(at: operation, of: DiskOperation.changes) {
                    var failing = crash
                    failing.startFaults = [fault]
                    cases.append(failing)
                }
                // And the start after that dies as well, in another place.
                var twice = crash
                twice.startFaults = [operation, 1 + operation * 3 % 11].map { PlannedFault(.crash, at: $0) }
                cases.append(twice)
            }
            for look in 1...max(1, await trial.startOperations(after: crash, of: DiskOperation.looks).count) {
                var blind = crash
                blind.startFaults = [PlannedFault(.error(EIO), at: look, of: DiskOperation.looks)]
                cases.append(blind)
            }
        }
        return cases
    }

    private static func startFaults(at operation: Int, of kinds: Set<DiskOperation>) -> [PlannedFault] {
        [
            PlannedFault(.crash, at: operation), PlannedFault(.shortWrite(EIO), at: operation),
            PlannedFault(.error(ENOSPC), at: operation, lasting: .max),
        ]
    }

    /// Runs all cases and records each violation with what repeats it. Returns how many there were.
    func expectNoViolation(_ name: String) async -> Int {
        let cases = await cases()
        var reported = 0
        for (number, matrixCase) in cases.enumerated() where reported < 5 {
            let violations = await trial.violations(matrixCase)
            guard !violations.isEmpty else { continue }
            reported += 1
            Issue.record(
                "\(name), seed \(trial.seed), case \(number): \(matrixCase): \(violations); repeat it with LAYOVER_SEED=\(trial.seed) swift test --filter CrashMatrixTests"
            )
        }
        return cases.count
    }

    /// The first case, in the same order, that shows a violation; nil where none does.
    func firstViolation() async -> (number: Int, matrixCase: MatrixCase, violations: [String])? {
        for (number, matrixCase) in await cases().enumerated() {
            let violations = await trial.violations(matrixCase)
            if !violations.isEmpty { return (number + 1, matrixCase, violations) }
        }
        return nil
    }
}
