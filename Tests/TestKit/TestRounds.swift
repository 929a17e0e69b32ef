import Foundation

/// How often a test that draws its instants at random tries: `LAYOVER_ROUNDS` from the environment, or what the everyday run can afford.
public enum TestRounds {
    public static func count(_ everyday: Int) -> Int {
        ProcessInfo.processInfo.environment["LAYOVER_ROUNDS"].flatMap { Int($0) } ?? everyday
    }
}

extension TestRounds {
    /// The long form was asked for: tests that go through a list go through all of it.
    public static var isLong: Bool { ProcessInfo.processInfo.environment["LAYOVER_ROUNDS"] != nil }
}
