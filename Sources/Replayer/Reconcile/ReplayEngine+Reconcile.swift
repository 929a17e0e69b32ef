public import Ledger
import Logging
import MailModel
import Spool
import Synchronization

/// After a spool was brought back.
extension ReplayEngine {
    /// Looks into each selected mailbox that is to be reconciled, several at once within each target's ceiling, and adopts what is
    /// there. Delivers nothing.
    ///
    /// A mailbox that cannot be looked into, or not into all of its folders but `withoutFolders`, stays to be reconciled; the others go on. Throws where the spool, the journal or the
    /// Ledger fails.
    public func reconcile(
        _ selection: MailboxSelection = .all, withoutFolders: Set<String> = []
    ) async throws -> ReconcileReport {
        try await noticeRestore()
        try await project()
        let ledger = self.ledger
        let (waiting, targets) = try await environment.blocking { [targets] in
            (try ledger.mailboxes(selection).filter(\.isUnreconciled), try targets.throttled(by: ledger))
        }
        let report = try await withThrowingTaskGroup(of: ReconcileReport.self) { group in
            for (name, mailboxes) in Dictionary(grouping: waiting, by: \.mailbox.target) {
                let queue = WaitingMailboxes(mailboxes)
                for _ in 0..<min(mailboxes.count, targets[name]?.connections ?? 1) {
                    group.addTask { try await self.reconcile(queue, withoutFolders) }
                }
            }
            return try await group.reduce(into: ReconcileReport(findings: [], problems: [])) { all, part in
                all.findings += part.findings
                all.problems += part.problems
            }
        }
        try await project()
        return try await withHeldMail(report, selection)
    }

    /// Works mailboxes off, one after the other.
    private func reconcile(_ queue: WaitingMailboxes, _ withoutFolders: Set<String>) async throws -> ReconcileReport {
        var report = ReconcileReport(findings: [], problems: [])
        while let mailbox = queue.next() {
            switch try await reconcile(mailbox, withoutFolders) {
            case .success(let finding): report.findings.append(finding)
            case .failure(let error):
                environment.logger.warning(
                    "mailbox cannot be looked into",
                    metadata: ["mailbox": "\(mailbox.mailbox.address)", "why": "\(error)"])
                report.problems.append(ReplayReport.Problem(mailbox: mailbox.mailbox, error: error, retryAt: nil))
            }
        }
        return report
    }

    private func reconcile(_ status: MailboxStatus, _ withoutFolders: Set<String>) async throws -> Result<
        ReconcileReport.Finding, ReplayError
    > {
        switch mailboxReplay(status) {
        case .failure(let error): return .failure(error)
        case .success(let replay):
            return try await replay.reconcile(withoutFolders: withoutFolders).map { survey in
                ReconcileReport.Finding(
                    mailbox: status.mailbox, messages: survey.messages, adopted: survey.adopted,
                    doubtful: survey.doubtful.count, unknown: survey.unknown, unknownIDs: survey.unknownIDs, held: 0,
                    closedFolders: survey.closedFolders)
            }
        }
    }

    private func withHeldMail(_ report: ReconcileReport, _ selection: MailboxSelection) async throws -> ReconcileReport
    {
        let ledger = self.ledger
        let statuses = try await environment.blocking { try ledger.mailboxes(selection) }
        let held = Dictionary(statuses.map { ($0.mailbox.id, $0.counts.held) }) { first, _ in first }
        var report = report
        for index in report.findings.indices {
            report.findings[index].held = held[report.findings[index].mailbox.id] ?? 0
        }
        report.findings.sort { $0.mailbox.address < $1.mailbox.address }
        report.problems.sort { $0.mailbox.address < $1.mailbox.address }
        return report
    }

    /// A look that costs little; what it finds is for `noticeRestore`.
    func looksRestored() async throws -> Bool {
        let ledger = self.ledger
        return try await environment.blocking {
            try ledger.contradiction() != nil || !SpoolPlace(layout: ledger.layout).findings().isEmpty
        }
    }

    /// Journals that the spool was brought back, if it was; from then on nothing goes into any mailbox.
    func noticeRestore() async throws {
        let watch = RestoreWatch(journal: environment.journal, rules: ledger.rules)
        if let notice = try await environment.blocking({ try watch.look() }) {
            environment.logger.error("\(notice)")
        }
    }
}

/// The mailboxes of one target that wait for their turn.
final class WaitingMailboxes: Sendable {
    private let mailboxes: Mutex<[MailboxStatus]>

    init(_ mailboxes: [MailboxStatus]) { self.mailboxes = Mutex(mailboxes.reversed()) }

    func next() -> MailboxStatus? { mailboxes.withLock { $0.popLast() } }
}
