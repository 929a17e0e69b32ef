#if canImport(Glibc)
import Glibc
#endif

/// A moment of wall-clock time in milliseconds since 1970-01-01T00:00:00Z, with the forms that mail needs. Always UTC.
public struct Timestamp: Hashable, Sendable, Comparable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Takes the nearest moment that can be told where `seconds` is out of range.
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        self.milliseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Whole seconds, rounded towards the past.
    public var seconds: Int64 {
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// The system's clock.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Stays at the first or last moment that can be told instead of going beyond it.
    public func adding(milliseconds more: Int64) -> Timestamp {
        let (sum, overflow) = milliseconds.addingReportingOverflow(more)
        return Timestamp(milliseconds: overflow ? (more < 0 ? .min : .max) : sum)
    }
}

extension Timestamp {
    private typealias Civil = (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, weekday: Int)

    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// The parts of the civil date in UTC (days-from-civil in reverse, the proleptic Gregorian calendar).
    private var civil: Civil {
        let total = seconds
        let days = total >= 0 ? total / 86_400 : (total - 86_399) / 86_400
        let rest = Int(total - days * 86_400)
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = Int(dayOfYear - (153 * monthIndex + 2) / 5 + 1)
        let month = Int(monthIndex < 10 ? monthIndex + 3 : monthIndex - 9)
        let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        let weekday = Int(((days + 4) % 7 + 7) % 7)
        return (year, month, day, rest / 3600, rest / 60 % 60, rest % 60, weekday)
    }

    private static func days(inMonth month: Int, ofYear year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// `2026-11-21T10:00:00.123Z` (RFC 3339).
    public var rfc3339: String {
        let c = civil
        return Self.text {
            $0.append(c.year, width: 4)
            $0.append("-")
            $0.append(c.month, width: 2)
            $0.append("-")
            $0.append(c.day, width: 2)
            $0.append("T")
            $0.append(c)
            $0.append(".")
            $0.append(Int(milliseconds &- seconds &* 1000), width: 3)
            $0.append("Z")
        }
    }

    /// `Sat, 21 Nov 2026 10:00:00 +0000` (RFC 5322 §3.3).
    public var rfc5322: String {
        let c = civil
        return Self.text {
            $0.append(Self.weekdays[c.weekday])
            $0.append(", ")
            $0.append(c.day, width: 1)
            $0.append(" ")
            $0.append(Self.months[c.month - 1])
            $0.append(" ")
            $0.append(c.year, width: 4)
            $0.append(" ")
            $0.append(c)
            $0.append(" +0000")
        }
    }

    /// `21-Nov-2026 10:00:00 +0000`, the day two characters wide (RFC 3501 §9, date-time, without its quotes).
    public var imapDateTime: String {
        let c = civil
        return Self.text {
            $0.append(c.day, width: 2, filler: UInt8(ascii: " "))
            $0.append("-")
            $0.append(Self.months[c.month - 1])
            $0.append("-")
            $0.append(c.year, width: 4)
            $0.append(" ")
            $0.append(c)
            $0.append(" +0000")
        }
    }

    private static func text(_ write: (inout DateText) -> Void) -> String {
        var text = DateText()
        write(&text)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// The bytes of a date being written: each message has several, so that they are written without a string for each part.
    private struct DateText {
        private(set) var bytes: [UInt8] = []

        init() { bytes.reserveCapacity(32) }

        mutating func append(_ word: StaticString) {
            word.withUTF8Buffer { bytes.append(contentsOf: $0) }
        }

        /// At least so wide; a year before the first keeps its sign.
        mutating func append(_ number: Int, width: Int, filler: UInt8 = UInt8(ascii: "0")) {
            let digits = String(number).utf8
            for _ in 0..<max(0, width - digits.count) { bytes.append(filler) }
            bytes.append(contentsOf: digits)
        }

        /// `10:00:00`
        mutating func append(_ c: Civil) {
            append(c.hour, width: 2)
            append(":")
            append(c.minute, width: 2)
            append(":")
            append(c.second, width: 2)
        }
    }

    /// Parses RFC 3339 (`2026-11-27T20:00+01:00`; seconds, fraction and zone may be left out, a missing zone is UTC) or
    /// a bare date (`2026-11-27`, midnight UTC). Nil for anything else.
    public init?(rfc3339 text: String) {
        var rest = Array(text.utf8)[...]
        func number(_ width: Int) -> Int? {
            guard rest.count >= width else { return nil }
            var value = 0
            for byte in rest.prefix(width) {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            rest = rest.dropFirst(width)
            return value
        }
        func take(_ characters: String) -> UInt8? {
            guard let first = rest.first, characters.utf8.contains(first) else { return nil }
            rest = rest.dropFirst()
            return first
        }
        guard let year = number(4), take("-") != nil, let month = number(2), take("-") != nil, let day = number(2),
            (1...12).contains(month), (1...Self.days(inMonth: month, ofYear: year)).contains(day)
        else { return nil }
        var (hour, minute, second, fraction, offset) = (0, 0, 0, 0, 0)
        if !rest.isEmpty {
            guard take("Tt ") != nil, let hours = number(2), take(":") != nil, let minutes = number(2),
                hours < 24, minutes < 60
            else { return nil }
            (hour, minute) = (hours, minutes)
            if take(":") != nil {
                guard let seconds = number(2), seconds <= 60 else { return nil }
                second = seconds
                if take(".") != nil {
                    var scale = 100
                    guard let digit = number(1) else { return nil }
                    fraction = digit * scale
                    scale /= 10
                    while let digit = number(1) {
                        fraction += digit * scale
                        scale /= 10
                    }
                }
            }
            if let sign = take("+-") {
                guard let hours = number(2), hours < 24 else { return nil }
                _ = take(":")
                guard let minutes = number(2), minutes < 60 else { return nil }
                offset = (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -1 : 1)
            } else {
                _ = take("Zz")
            }
            guard rest.isEmpty else { return nil }
        }
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = Int64(era * 146_097 + dayOfEra - 719_468)
        let total = days * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset * 60)
        self.init(milliseconds: total * 1000 + Int64(fraction))
    }
}
