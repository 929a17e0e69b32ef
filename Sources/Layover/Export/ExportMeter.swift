import MailModel

/// Shows on a terminal how far an export or an import is.
struct ExportMeter {
    private let total: Int
    private let isTerminal: Bool
    private let start = ContinuousClock.now
    private var shown = ContinuousClock.now
    private var hasShown = false

    init(total: Int, isTerminal: Bool = Terminal.isStandardErrorOne) {
        self.total = total
        self.isTerminal = isTerminal
    }

    mutating func show(_ report: ExportReport) {
        show(done: report.copies + report.damaged.count, bytes: report.bytes)
    }

    /// At most five times a second.
    mutating func show(done: Int, bytes: Int) {
        guard isTerminal, ContinuousClock.now - shown > .milliseconds(200) else { return }
        shown = .now
        hasShown = true
        let seconds = max(0.001, Double((shown - start).milliseconds) / 1000)
        let rate = Double(done) / seconds
        let left = rate > 0 ? ", \(Int(Double(max(0, total - done)) / rate)) s left" : ""
        StandardError.write("\r\(done)/\(total) messages, \(ByteCount(bytes)), \(Int(rate))/s\(left)\u{1b}[K")
    }

    func end() {
        if hasShown { StandardError.write("\r\u{1b}[K") }
    }
}
