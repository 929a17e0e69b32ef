/// A duration as people write it: `14 days`, `200 s`, `5 min`.
struct DurationText: Hashable, Sendable {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    /// Units from the largest, each with its spellings; the first is the one printed. `m` is none: minutes or months?
    private static let units: [(names: [String], milliseconds: Int)] = [
        (["days", "day", "d"], 86_400_000), (["h", "hour", "hours"], 3_600_000),
        (["min", "minute", "minutes"], 60_000),
        (["s", "sec", "second", "seconds"], 1_000), (["ms", "millisecond", "milliseconds"], 1),
        (["weeks", "week", "w"], 7 * 86_400_000),
    ]

    /// A whole number, blanks if you like, and a unit in lower case. Nil for anything else or an overflow.
    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let number = Int(digits),
            let factor = Self.units.first(where: { $0.names.contains(String(unit)) })?.milliseconds
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        self.init(.milliseconds(product))
    }
}

extension DurationText: CustomStringConvertible {
    /// In the largest unit that leaves no rest: `14 days`, `90 s`. What is below a millisecond is not shown.
    var description: String {
        let (seconds, attoseconds) = duration.components
        if attoseconds == 0, seconds != 0 {
            for (names, milliseconds) in Self.units {
                let unitSeconds = Int64(milliseconds / 1_000)
                if unitSeconds > 0, seconds % unitSeconds == 0 { return Self.phrase(seconds / unitSeconds, names) }
            }
        }
        guard seconds != 0 || attoseconds != 0 else { return "0 s" }
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        return overflow ? "\(seconds) s" : "\(milliseconds &+ attoseconds / 1_000_000_000_000_000) ms"
    }

    private static func phrase(_ count: Int64, _ names: [String]) -> String {
        "\(count) \(count == 1 && names[0] == "days" ? "day" : names[0])"
    }
}
