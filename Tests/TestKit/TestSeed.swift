import Foundation

/// The seed of this test run: `LAYOVER_SEED` from the environment, or a fresh one.
///
/// A test that draws from it names it in every failure, so that the run can be repeated.
public enum TestSeed {
    public static let value: UInt64 =
        ProcessInfo.processInfo.environment["LAYOVER_SEED"].flatMap { UInt64($0) }
        ?? UInt64.random(in: 1...999_999)

    /// How many times as many runs as usual: `LAYOVER_RUNS` from the environment.
    public static let rounds: Int = max(1, ProcessInfo.processInfo.environment["LAYOVER_RUNS"].flatMap { Int($0) } ?? 1)

    /// The seeds of all rounds; the first is that of the run.
    public static var all: [UInt64] { (0..<UInt64(rounds)).map { value &+ 1_000_003 &* $0 } }

    /// The seed, printed for a test whose failure would be worth little without it.
    public static func announced(for test: String) -> UInt64 {
        print("\(test): LAYOVER_SEED=\(value)")
        return value
    }
}
