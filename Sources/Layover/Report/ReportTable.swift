import Ledger
import MailModel

/// An end report for a terminal: the mailboxes, the waves, then what was refused, and why.
struct ReportTable {
    let report: DeliveryReport

    init(_ report: DeliveryReport) { self.report = report }

    var text: String {
        var table = TextTable([
            "MAILBOX", "WAVE", "DELIVERED", "VERIFIED", "NORMALISED", "DOUBTFUL", "MERGED", "FAILED", "HELD", "BYTES",
            "FROM", "TO", "STATE",
        ])
        for line in report.mailboxes { table.add(Self.cells(line, name: Self.name(line))) }
        for wave in report.waves { table.add(Self.cells(wave, name: "wave \(wave.wave)")) }
        table.add(Self.cells(report.total, name: "total"))
        return table.text + report.mailboxes.map(Self.troubles).joined()
    }

    private static func name(_ line: DeliveryReport.Line) -> String {
        line.mailbox ?? (line.isOfRemoved ? "(removed mailboxes)" : "(no mailbox)")
    }

    private static func cells(_ line: DeliveryReport.Line, name: String) -> [String] {
        let counts = line.counts
        let wave = line.mailbox != nil && line.wave.isEmpty ? WaveStatus.unnamed : line.wave
        return [
            name, wave, "\(counts.delivered)", "\(counts.verified)", "\(line.normalised)", "\(counts.doubtful)",
            "\(counts.merged)", "\(counts.failed)", "\(counts.held)", "\(ByteCount(line.deliveredBytes))",
            time(line.firstAt), time(line.lastAt), line.state ?? "\(line.mailboxes) mailboxes",
        ]
    }

    /// To the second, UTC.
    private static func time(_ time: Timestamp?) -> String { time.map { String($0.rfc3339.prefix(19)) + "Z" } ?? "-" }

    private static func troubles(_ line: DeliveryReport.Line) -> String {
        var lines = line.failures.map { "\($0.count) \($0.errorClass): \($0.words)" }
        if let block = line.block { lines.append("blocked, \(block.errorClass): \(block.text)") }
        return lines.map { "\(line.mailbox ?? ""): \($0)".escapedToOneLine + "\n" }.joined()
    }
}
