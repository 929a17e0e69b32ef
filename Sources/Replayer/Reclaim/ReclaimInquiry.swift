import Ledger
import Logging
import MailModel
import NIOCore

/// Asks every mailbox concerned once more, and judges the answers of the whole run: what a mailbox has answered stays counted.
struct ReclaimInquiry {
    private struct Account: Hashable {
        var target: String
        var login: String
    }

    private let targets: [String: ReplayTarget]
    private let group: any EventLoopGroup
    private let acceptsVanished: Bool
    private var findings: [Account: ReclaimedMailbox] = [:]

    init(targets: [String: ReplayTarget], group: any EventLoopGroup, acceptsVanished: Bool) {
        self.targets = targets
        self.group = group
        self.acceptsVanished = acceptsVanished
    }

    var mailboxes: [ReclaimedMailbox] { findings.values.sorted { ($0.target, $0.login) < ($1.target, $1.login) } }

    /// Asks for the copies of one round. One connection to each target at a time: the replay needs the others.
    mutating func ask(_ copies: [PlacedCopy]) async throws {
        let byAccount = Dictionary(grouping: copies) { Account(target: $0.target, login: $0.login) }
        let byTarget = Dictionary(grouping: byAccount.keys.sorted { $0.login < $1.login }, by: \.target)
        let (targets, eventLoops) = (self.targets, group)
        let answers = try await withThrowingTaskGroup(of: [(Account, ReclaimedMailbox)].self) { group in
            for (name, accounts) in byTarget {
                group.addTask {
                    var answers: [(Account, ReclaimedMailbox)] = []
                    for account in accounts {
                        try Task.checkCancellation()
                        let answer = await Self.ask(
                            account, byAccount[account] ?? [], target: targets[name], group: eventLoops)
                        answers.append((account, answer))
                    }
                    return answers
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        for (account, answer) in answers { add(answer, to: account) }
        judge()
    }

    private static func ask(
        _ account: Account, _ copies: [PlacedCopy], target: ReplayTarget?, group: any EventLoopGroup
    ) async -> ReclaimedMailbox {
        var answer = ReclaimedMailbox(
            address: copies.first?.address ?? account.login, target: account.target, login: account.login)
        guard let target else {
            answer.error = ReplayError(
                .noTarget, "the configuration has no [targets.\(account.target)] any more, so nobody can look there")
            return answer
        }
        do {
            answer.missing = try await MailboxInquiry(target: target, login: account.login, group: group)
                .missing(of: copies).count
            answer.asked = copies.count
        } catch {
            answer.error = error as? ReplayError ?? ReplayError(.unavailable, "\(error)")
        }
        return answer
    }

    private mutating func add(_ answer: ReclaimedMailbox, to account: Account) {
        guard var known = findings[account] else {
            findings[account] = answer
            return
        }
        known.asked += answer.asked
        known.missing += answer.missing
        known.error = answer.error
        findings[account] = known
    }

    /// A mailbox alone, and a target as a whole: a tool that mirrors takes a few copies from each of many mailboxes.
    private mutating func judge() {
        guard !acceptsVanished else { return }
        for (target, mailboxes) in Dictionary(grouping: findings, by: \.key.target) {
            let isTargetAlarming = ReclaimLimits.isAlarming(
                missing: mailboxes.reduce(0) { $0 + $1.value.missing }, of: mailboxes.reduce(0) { $0 + $1.value.asked })
            for (account, finding) in findings where account.target == target {
                let isAlarming = ReclaimLimits.isAlarming(missing: finding.missing, of: finding.asked)
                findings[account]?.isAlarming = isAlarming || (isTargetAlarming && finding.missing > 0)
            }
        }
    }

    /// Whether the stored bytes behind a copy may go: its mailbox was asked, and has not lost too much.
    func lets(_ copy: PlacedCopy) -> Bool {
        guard let finding = findings[Account(target: copy.target, login: copy.login)] else { return false }
        return finding.error == nil && !finding.isAlarming
    }
}
