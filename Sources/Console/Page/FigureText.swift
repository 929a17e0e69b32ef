import MailModel

/// Figures as a person reads them.
enum FigureText {
    /// `1,234,567`
    static func number(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return value < 0 ? "−" + text : text
    }

    /// `2026-11-21 10:00:00 UTC`
    static func moment(_ time: Timestamp) -> String {
        let text = time.rfc3339
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8) + " UTC"
    }

    /// `3 d 4 h`, `4 h 5 min`, `5 min`, `42 s`; 0 where `from` is later.
    static func time(from: Timestamp, to: Timestamp) -> String {
        let seconds = max(0, (to.milliseconds &- from.milliseconds) / 1000)
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<86_400: "\(seconds / 3600) h \(seconds / 60 % 60) min"
        default: "\(seconds / 86_400) d \(seconds / 3600 % 24) h"
        }
    }

    /// `37 %` of a whole; 100 % only when nothing is missing.
    static func percent(_ part: Int, of whole: Int) -> Int {
        guard whole > 0, part > 0 else { return whole > 0 ? 0 : 100 }
        return part >= whole ? 100 : min(99, Int(Double(part) / Double(whole) * 100))
    }

    /// `12.3`
    static func rate(_ value: Double) -> String {
        guard value.isFinite, value >= 0, value < 1e9 else { return "–" }
        let tenths = Int((value * 10).rounded())
        return "\(number(tenths / 10)).\(tenths % 10)"
    }
}
