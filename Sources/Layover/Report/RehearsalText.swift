import Ledger
import MailModel
import Replayer

/// How a rehearsal went, for people and for programs.
struct RehearsalText {
    private let report: RehearsalReport

    init(_ report: RehearsalReport) { self.report = report }

    // MARK: Table

    var table: String {
        let copied = report.accounts.filter { $0.messages > 0 }
        let bytes = report.accounts.reduce(0) { $0 + $1.bytes }
        var text =
            "\(sum(\.messages)) messages (\(ByteCount(bytes)) with the lines on top) copied into \(copied.count) accounts: \(sum(\.verified) - sum(\.normalised)) came back the same, \(sum(\.normalised)) normalised, \(sum(\.different)) otherwise, \(sum(\.refused)) were refused\n"
        text += report.accounts.map(troubles).joined()
        for forecast in report.forecasts {
            text +=
                "\(forecast.target): \(Int(forecast.messagesPerSecond)) messages/s over \(forecast.connections) connections; all \(forecast.messages) held deliveries (\(ByteCount(forecast.bytes)) as stored) of \(forecast.mailboxes) mailboxes take about \(ProgressFigures.words(forecast.time))\n"
        }
        text += report.isClean ? "everything that was copied is removed again; nothing is delivered\n" : ""
        return text
    }

    private func sum(_ number: (RehearsalReport.Account) -> Int) -> Int {
        report.accounts.reduce(0) { $0 + number($1) }
    }

    private func troubles(_ account: RehearsalReport.Account) -> String {
        var lines = account.refusals.map { "refused \($0)" }
        lines += account.changes.map { "normalised \($0)" }
        if account.different > 0 {
            lines.append("\(account.different) copies did not come back as they were put there")
        }
        if let problem = account.problem { lines.append(problem) }
        if !account.isClean { lines.append("NOT CLEANED UP") }
        let name = account.mailboxes.count == 1 ? account.mailboxes[0] : account.login
        return lines.map { "\(name) on \(account.target): \($0)".escapedToOneLine + "\n" }.joined()
    }

    // MARK: JSON

    var json: String {
        JSONText.object([
            ("clean", report.isClean ? "true" : "false"), ("sound", report.isSound ? "true" : "false"),
            ("seconds", JSONText.number(report.time.map { $0.milliseconds / 1_000 })),
            ("targets", "[" + report.forecasts.map { object($0) }.joined(separator: ",") + "]"),
            ("accounts", "[" + report.accounts.map { object($0) }.joined(separator: ",") + "]"),
        ])
    }

    private func object(_ forecast: RehearsalReport.Forecast) -> String {
        JSONText.object([
            ("name", JSONText.string(forecast.target)), ("mailboxes", "\(forecast.mailboxes)"),
            ("messages", "\(forecast.messages)"), ("bytes", "\(forecast.bytes)"),
            ("connections", "\(forecast.connections)"), ("messages_per_second", "\(Int(forecast.messagesPerSecond))"),
            ("seconds", "\(forecast.time.milliseconds / 1_000)"),
        ])
    }

    private func object(_ account: RehearsalReport.Account) -> String {
        JSONText.object([
            ("target", JSONText.string(account.target)), ("login", JSONText.string(account.login)),
            ("mailboxes", "[" + account.mailboxes.map { JSONText.string($0) }.joined(separator: ",") + "]"),
            ("messages", "\(account.messages)"), ("bytes", "\(account.bytes)"), ("verified", "\(account.verified)"),
            ("normalised", "\(account.normalised)"),
            ("changes", "[" + account.changes.map { JSONText.string($0) }.joined(separator: ",") + "]"),
            ("different", "\(account.different)"), ("refused", "\(account.refused)"),
            ("refusals", "[" + account.refusals.map { JSONText.string($0) }.joined(separator: ",") + "]"),
            ("problem", JSONText.string(account.problem)), ("clean", account.isClean ? "true" : "false"),
        ])
    }
}
