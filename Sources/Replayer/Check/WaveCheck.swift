import Ledger
public import MailModel
public import NIOCore

/// Tries the login of every mailbox before the weekend, and tells whose mail will not go, and why. Changes nothing anywhere.
public struct WaveCheck: Sendable {
    private let targets: [String: ReplayTarget]
    private let group: any EventLoopGroup

    public init(targets: [String: ReplayTarget], group: any EventLoopGroup) {
        self.targets = targets
        self.group = group
    }

    /// The targets side by side, each within its ceiling of connections.
    public func run(_ subjects: [CheckSubject], now: Timestamp) async -> CheckReport {
        let byTarget = Dictionary(grouping: subjects, by: \.mailbox.target)
        return await withTaskGroup(of: (CheckReport.Target, [CheckReport.Finding]).self) { tasks in
            for (name, members) in byTarget {
                tasks.addTask {
                    guard let target = targets[name] else { return Self.unknown(name, members.count) }
                    let found = await TargetCheck(target: target, subjects: members, group: group).run(now: now)
                    return (found.target, found.findings)
                }
            }
            var report = CheckReport()
            for await (target, findings) in tasks {
                report.targets.append(target)
                report.findings += findings
            }
            report.targets.sort { $0.name < $1.name }
            report.findings.sort { ($0.target, $0.mailbox ?? "") < ($1.target, $1.mailbox ?? "") }
            return report
        }
    }

    private static func unknown(_ name: String, _ count: Int) -> (CheckReport.Target, [CheckReport.Finding]) {
        var target = CheckReport.Target(name: name)
        target.notTried = count
        return (
            target,
            [
                CheckReport.Finding(
                    target: name, errorClass: "no-target",
                    words: "the roster sends mail there, and the configuration has no [targets.\(name)]",
                    mailboxes: count)
            ]
        )
    }
}
