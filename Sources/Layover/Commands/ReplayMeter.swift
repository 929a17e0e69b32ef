import Logging
import MailModel
import Replayer

#if canImport(Glibc)
import Glibc
#endif

/// Shows how far a replay is: one line drawn over on a terminal, a line a minute in the log elsewhere, and what was done at the end.
struct ReplayMeter: Sendable {
    let progress: ReplayProgress
    /// Deliveries held when it began.
    let messages: Int
    let mailboxes: Int
    /// Nil on a terminal.
    let logger: Logger?
    private let start = ContinuousClock.now

    init(progress: ReplayProgress, messages: Int, mailboxes: Int, logger: Logger?) {
        self.progress = progress
        self.messages = messages
        self.mailboxes = mailboxes
        self.logger = logger
    }

    /// Until it is cancelled.
    func run() async {
        let pause = logger == nil ? Duration.milliseconds(200) : .seconds(60)
        while (try? await Task.sleep(for: pause)) != nil { tell() }
        if logger == nil {
            tell()
            StandardError.write("\n")
        }
    }

    private var figures: ProgressFigures {
        ProgressFigures(
            counts: progress.now, messages: messages, mailboxes: mailboxes, elapsed: ContinuousClock.now - start)
    }

    private func tell() {
        let now = figures
        guard let logger else { return StandardError.write("\r" + now.bar(columns: Terminal.columns) + "\u{1b}[K") }
        logger.notice(
            "replay progress",
            metadata: [
                "messages": "\(now.done)/\(now.messages)", "bytes": "\(now.counts.bytes)", "rate": "\(Int(now.rate))/s",
                "time_left": "\(ProgressFigures.words(now.left))", "verified": "\(now.counts.verified)",
                "parked": "\(now.counts.failed)", "mailboxes": "\(now.counts.mailboxesDone)/\(now.mailboxes)",
            ])
    }

    /// What this run did, and what could not be done.
    func summary(_ report: ReplayReport) -> String {
        let counts = report.counts
        let seconds = max(0.001, Double((ContinuousClock.now - start).milliseconds) / 1000)
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

    /// How wide it is; 80 where it does not say.
    static var columns: Int {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
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
