import Ledger
import Logging
import MailModel
import NIOPosix
import Replayer
import Spool

/// `layover replay --reconcile`: looks into the mailboxes after a restore, and says what it found.
struct Reconciliation {
    let common: CommonOptions
    let selection: MailboxSelection
    let withoutFolders: [String]

    func run() async throws {
        let workspace = try Workspace.open(common)
        defer { workspace.ledger.close() }
        let targets = try common.load([.replay]).replayTargets()
        let logger = workspace.configuration.logger()
        let engine = ReplayEngine(
            ledger: workspace.ledger, journal: try workspace.journal(), targets: targets,
            group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let report = try await engine.reconcile(selection, withoutFolders: Set(withoutFolders))
        LogSink.standardError.flush()
        guard !report.findings.isEmpty || !report.problems.isEmpty else {
            return Output.print("no mailbox is to be reconciled")
        }
        Output.print(table(report))
        guard report.problems.isEmpty else {
            let isUnavailable = report.problems.allSatisfy { $0.error.code == .unavailable }
            throw CommandError(
                isUnavailable ? .targetUnavailable : .temporary,
                "\(report.problems.count) mailboxes could not be looked into and get nothing until they are: run `layover replay --reconcile` again (what stands in the way is named above)"
            )
        }
    }

    private func table(_ report: ReconcileReport) -> String {
        var table = TextTable(["MAILBOX", "LOOKED AT", "ADOPTED", "DOUBTFUL", "UNKNOWN HERE", "STILL HELD"])
        for finding in report.findings {
            table.add([
                finding.mailbox.address, "\(finding.messages)", "\(finding.adopted)", "\(finding.doubtful)",
                "\(finding.unknown)", "\(finding.held)",
            ])
        }
        var text = table.text
        for finding in report.findings where finding.unknown > 0 {
            let ids = finding.unknownIDs.map(\.description).joined(separator: " ")
            let more = finding.unknown > finding.unknownIDs.count ? " …" : ""
            text +=
                "\(finding.mailbox.address): \(finding.unknown) messages in the mailbox that this spool no longer has: \(ids)\(more)\n"
        }
        for finding in report.findings where !finding.closedFolders.isEmpty {
            text +=
                "\(finding.mailbox.address): left out, not looked into or not wholly: \(finding.closedFolders.joined(separator: ", ").escapedToOneLine)\n"
        }
        for problem in report.problems {
            text += "\(problem.mailbox.address): \(problem.error.code): \("\(problem.error)".escapedToOneLine)\n"
        }
        let adopted = report.findings.reduce(0) { $0 + $1.adopted }
        text +=
            "\(report.findings.count) mailboxes reconciled, \(adopted) copies adopted, \(report.problems.count) mailboxes not looked into; `layover replay` delivers what is still held\n"
        return text
    }
}
