import Ledger
import MailModel
import Replayer

/// What a check has found, for people and for programs.
struct CheckText {
    private let report: CheckReport
    private let now: Timestamp

    init(_ report: CheckReport, now: Timestamp) {
        self.report = report
        self.now = now
    }

    /// `2 of 998 mailboxes would fail`, and what is wrong with targets.
    var summary: String {
        let targets = report.findings.filter { !$0.isWarning && $0.mailbox == nil && !$0.isOfThisHost }.map {
            "\($0.target) (\($0.errorClass))"
        }
        let words = "\(report.failing) of \(report.mailboxes) mailboxes would fail"
        return targets.isEmpty ? words : words + "; wrong with targets: " + targets.joined(separator: ", ")
    }

    // MARK: Table

    var table: String { report.targets.map(line).joined() + findings }

    private func line(_ target: CheckReport.Target) -> String {
        var words = "target \(target.name)"
        words += target.server.map { ": \($0), \(target.sound) of \(target.tried) mailboxes sound" } ?? ": no login"
        if target.notTried > 0 { words += ", \(target.notTried) not tried" }
        if let ends = target.certificateEnds {
            words += ", certificate until \(ends.rfc3339.prefix(10)) (\(days(until: ends)) days)"
        }
        let isSound = target.notTried == 0 && target.sound == target.tried
        return ((isSound ? "ok      " : "FAILED  ") + words).escapedToOneLine + "\n"
    }

    private var findings: String {
        guard !report.findings.isEmpty else { return "" }
        var table = TextTable(["", "MAILBOX", "TARGET", "PROBLEM", "DO", "WHY"])
        for finding in report.findings {
            table.add([
                finding.isWarning ? "warning" : "FAILED",
                finding.mailbox ?? (finding.isOfThisHost ? "this host" : "\(finding.mailboxes) mailboxes"),
                finding.isOfThisHost ? "-" : finding.target, finding.errorClass, Remedy.forMailbox(finding.errorClass),
                finding.words,
            ])
        }
        return table.text
    }

    private func days(until time: Timestamp) -> Int64 { (time.seconds - now.seconds) / 86_400 }

    // MARK: JSON

    var json: String {
        JSONText.object([
            ("failing", JSONText.number(Int64(report.failing))), ("ok", report.hasFailures ? "false" : "true"),
            ("targets", Self.list(report.targets.map { object($0) })),
            ("findings", Self.list(report.findings.map { object($0) })),
        ])
    }

    private static func list(_ items: [String]) -> String { "[" + items.joined(separator: ",") + "]" }

    private func object(_ target: CheckReport.Target) -> String {
        JSONText.object([
            ("name", JSONText.string(target.name)), ("server", JSONText.string(target.server)),
            ("tried", JSONText.number(Int64(target.tried))), ("sound", JSONText.number(Int64(target.sound))),
            ("not_tried", JSONText.number(Int64(target.notTried))),
            ("certificate_ends", JSONText.string(target.certificateEnds?.rfc3339)),
            ("certificate_days", JSONText.number(target.certificateEnds.map { days(until: $0) })),
            ("append_limit", JSONText.number(target.appendLimit.map { Int64($0.bytes) })),
        ])
    }

    private func object(_ finding: CheckReport.Finding) -> String {
        JSONText.object([
            ("severity", JSONText.string(finding.isWarning ? "warning" : "failure")),
            ("mailbox", JSONText.string(finding.mailbox)),
            ("target", JSONText.string(finding.isOfThisHost ? nil : finding.target)),
            ("class", JSONText.string(finding.errorClass)), ("words", JSONText.string(finding.words)),
            ("remedy", JSONText.string(Remedy.forMailbox(finding.errorClass))),
            ("mailboxes", JSONText.number(Int64(finding.mailboxes))),
        ])
    }
}
