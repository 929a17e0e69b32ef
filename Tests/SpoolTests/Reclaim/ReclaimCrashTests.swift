import TestKit
import Testing

@testable import Spool

#if canImport(Glibc)
import Glibc
#endif

@Suite("Crash at every operation of a reclaim")
struct ReclaimCrashTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
    }

    @Test(
        "A crash at any operation loses no message, and the next run finishes", arguments: Ending.allCases)
    func crash(ending: Ending) async throws {
        for offset in 0..<3 as Range<UInt64> {
            let trial = try await ReclaimTrial(layout: layout, seed: TestSeed.value &+ 1_000 &* offset)
            let changes = try await trial.changes()
            #expect(changes > 10)
            for number in 1...changes { try await expectNone(trial, [PlannedFault(.crash, at: number)], ending) }
        }
    }

    @Test("Nor does a second crash in the run that takes it up")
    func secondCrash() async throws {
        let trial = try await ReclaimTrial(layout: layout, seed: TestSeed.value)
        for number in stride(from: 1, through: try await trial.changes(), by: 3) {
            for later in stride(from: 1, through: 13, by: 2) {
                try await expectNone(
                    trial, [PlannedFault(.crash, at: number)], .powerCut, [PlannedFault(.crash, at: later)])
            }
        }
    }

    @Test(
        "Nor any operation that fails once",
        arguments: [PlannedFault.Effect.error(EIO), .error(ENOSPC), .shortWrite(ENOSPC)])
    func fails(effect: PlannedFault.Effect) async throws {
        let trial = try await ReclaimTrial(layout: layout, seed: TestSeed.value)
        for number in 1...(try await trial.changes()) {
            for ending in Ending.allCases {
                try await expectNone(trial, [PlannedFault(effect, at: number)], ending)
            }
        }
    }

    private func expectNone(
        _ trial: ReclaimTrial, _ faults: [PlannedFault], _ ending: Ending, _ second: [PlannedFault] = []
    ) async throws {
        let violations = try await trial.violations(faults, ending, second: second)
        #expect(
            violations.isEmpty, "LAYOVER_SEED=\(TestSeed.value), seed \(trial.seed), \(faults), \(ending), \(second)")
    }
}
