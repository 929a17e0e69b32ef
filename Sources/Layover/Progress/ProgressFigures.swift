import MailModel
import Replayer

/// How far a replay is at one moment, in the words of the bar and of the log.
struct ProgressFigures {
    var counts: ReplayProgress.Counts
    /// Deliveries that were to be done when it began.
    var messages: Int
    var mailboxes: Int
    /// Since it began.
    var elapsed: Duration

    var done: Int { counts.delivered + counts.merged + counts.failed }

    private var seconds: Double { max(0.001, Double(elapsed.milliseconds) / 1000) }

    var rate: Double { Double(done) / seconds }

    /// At the rate so far; nil while nothing is known of it.
    var left: Duration? {
        guard done > 0 else { return messages == 0 ? .zero : nil }
        return .seconds(Int64(min(1e9, Double(max(0, messages - done)) / rate)))
    }

    /// One line that fits into so many columns.
    func bar(columns: Int) -> String {
        let width = 20
        let filled = messages == 0 ? width : min(width, done * width / messages)
        let text =
            "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
            + "] \(done)/\(messages)  \(ByteCount(counts.bytes))  \(Int(rate))/s  \(Self.words(left)) left  "
            + "\(counts.failed) parked  \(counts.mailboxesDone)/\(mailboxes) mailboxes"
        // A line that wraps could not be drawn over.
        return String(text.prefix(max(20, columns - 1)))
    }

    /// `1 h 12 min`, `3 min 20 s`, `8 s`; `?` where nobody knows.
    static func words(_ time: Duration?) -> String {
        guard let seconds = time?.components.seconds else { return "?" }
        if seconds >= 3600 { return "\(seconds / 3600) h \(seconds % 3600 / 60) min" }
        return seconds >= 60 ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds) s"
    }
}
