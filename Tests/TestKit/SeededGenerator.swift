import Foundation

/// SplitMix64: the same seed gives the same numbers on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed &>> 31)
    }
}

/// The seed of a run. `LAYOVER_TEST_SEED=…` repeats one; it is printed, since a failure is worth little without it.
public enum TestSeed {
    public static func announced(for test: String) -> UInt64 {
        let seed = ProcessInfo.processInfo.environment["LAYOVER_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1..<1_000_000_000)
        print("\(test): LAYOVER_TEST_SEED=\(seed)")
        return seed
    }
}
