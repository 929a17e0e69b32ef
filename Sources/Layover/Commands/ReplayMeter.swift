import MailModel
import Replayer

#if canImport(Glibc)
import Glibc
#endif

/// Shows how far a replay is: a bar on a terminal, a line a minute elsewhere, and the report at the end.
struct ReplayMeter: Sendable {
    let progress: ReplayProgress
    /// Deliveries held when it began.
    let messages: Int
    let mailboxes: Int
    let isTerminal: Bool
    private let start = ContinuousClock.now

    init(progress: ReplayProgress, messages: Int, mailboxes: Int, isTerminal: Bool) {
        self.progress = progress
        self.messages = messages
        self.mailboxes = mailboxes
        self.isTerminal = isTerminal
    }

    /// Until it is cancelled.
    func run() async {
        let pause = isTerminal ? Duration.milliseconds(200) : .seconds(60)
        while (try? await Task.sleep(for: pause)) != nil {
            if isTerminal { StandardError.write("\r" + bar + "\u{1b}[K") } else { StandardError.write(line + "\n") }
        }
        if isTerminal { StandardError.write("\r" + bar + "\u{1b}[K\n") }
    }

    private var seconds: Double { max(0.001, Double((ContinuousClock.now - start).milliseconds) / 1000) }

    private var bar: String {
        let now = progress.now
        let done = now.delivered + now.merged + now.failed
        let width = 24
        let filled = messages == 0 ? width : min(width, done * width / messages)
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "] " + line
    }

    private var line: String {
        let now = progress.now
        let done = now.delivered + now.merged + now.failed
        let rate = Double(done) / seconds
        let left = rate > 0 ? Int(Double(max(0, messages - done)) / rate) : 0
        return
            "\(done)/\(messages) messages, \(now.verified) verified, \(ByteCount(now.bytes)), \(Int(rate))/s, \(left) s left, "
            + "\(now.mailboxesDone)/\(mailboxes) mailboxes, \(now.failed) parked"
    }

    /// What was done, and what could not be.
    func summary(_ report: ReplayReport) -> String {
        let counts = report.counts
        var text =
            "delivered \(counts.delivered), verified \(counts.verified), merged \(counts.merged), normalised \(counts.normalised), "
        text +=
            "doubtful \(counts.doubtful), parked \(counts.failed); \(ByteCount(counts.bytes)) in \(seconds.rounded(to: 1)) s, "
        text += "\(Int(Double(counts.delivered) / seconds)) messages/s\n"
        for problem in report.problems {
            text += "\(problem.mailbox.address): \(problem.error.code): \(problem.error)\n".escapedExceptEnd
        }
        return text
    }
}

/// What the process is attached to.
enum Terminal {
    static var isStandardErrorOne: Bool { isatty(2) == 1 }
}

extension Double {
    fileprivate func rounded(to places: Int) -> Double {
        let scale = pow(10, Double(places))
        return (self * scale).rounded() / scale
    }
}

extension String {
    fileprivate var escapedExceptEnd: String { String(dropLast()).escapedToOneLine + "\n" }
}
