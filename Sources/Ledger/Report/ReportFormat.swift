import MailModel

/// How an end report is written for programs. The names and order of the fields are fixed.
public enum ReportFormat: Sendable, CaseIterable {
    case json, csv

    /// The fields of a line, in order; in CSV `row` (mailbox, wave or total) stands before them.
    public static let fields = [
        "wave", "mailbox", "target", "state", "mailboxes", "accepted", "delivered", "verified", "normalised",
        "doubtful",
        "merged", "passed", "handed_off", "failed", "dropped", "held", "bytes", "first_at", "last_at", "blocked",
        "blocked_words", "failures",
    ]

    /// The whole report with its line end: one JSON object, or CSV with a header.
    public func text(_ report: DeliveryReport) -> String {
        switch self {
        case .json:
            JSONText.object([
                ("at", JSONText.string(report.at.rfc3339)),
                ("mailboxes", Self.list(report.mailboxes.map(\.json))), ("waves", Self.list(report.waves.map(\.json))),
                ("total", report.total.json),
            ]) + "\n"
        case .csv:
            (["row"] + Self.fields).joined(separator: ",") + "\r\n"
                + (report.mailboxes.map { $0.csv("mailbox") } + report.waves.map { $0.csv("wave") }
                + [report.total.csv("total")]).joined()
        }
    }

    fileprivate static func list(_ items: [String]) -> String { "[" + items.joined(separator: ",") + "]" }
}

extension DeliveryReport.Line {
    private var values: [AuditValue] {
        [
            .text(wave), .text(mailbox), .text(target), .text(state), .number(Int64(mailboxes)),
            .number(Int64(counts.total)), .number(Int64(counts.delivered)), .number(Int64(counts.verified)),
            .number(Int64(normalised)), .number(Int64(counts.doubtful)), .number(Int64(counts.merged)),
            .number(Int64(counts.passed)), .number(Int64(counts.handedOff)), .number(Int64(counts.failed)),
            .number(Int64(counts.dropped)), .number(Int64(counts.held)), .number(Int64(deliveredBytes)),
            .text(firstAt?.rfc3339), .text(lastAt?.rfc3339), .text(block?.errorClass), .text(block?.text),
        ]
    }

    fileprivate var json: String {
        let list = failures.map { failure in
            JSONText.object([
                ("class", JSONText.string(failure.errorClass)), ("words", JSONText.string(failure.words)),
                ("count", JSONText.number(Int64(failure.count))),
            ])
        }
        return JSONText.object(
            zip(ReportFormat.fields, values.map(\.json) + [ReportFormat.list(list)]).map { ($0, $1) })
    }

    fileprivate func csv(_ row: String) -> String {
        let words = failures.map { "\($0.count) \($0.errorClass): \($0.words)" }.joined(separator: "; ")
        return ([.text(row)] + values + [.text(words)]).map(\.csv).joined(separator: ",") + "\r\n"
    }
}
