import Foundation

/// How often a test that draws its instants at random tries: `LAYOVER_ROUNDS` from the environment, or what the everyday run can afford.
public enum TestRounds {
    public static func count(_ everyday: Int) -> Int {
        ProcessInfo.processInfo.environment["LAYOVER_ROUNDS"].flatMap { Int($0) } ?? everyday
    }
}
