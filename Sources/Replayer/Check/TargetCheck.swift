import MailModel
import NIOCore
import Synchronization

/// Checks the mailboxes of one target, several at once within its ceiling.
///
/// Each login is tried once. A target that cannot be reached, or that refuses the account all of them log in with, is found by few
/// attempts and told once: no account is driven into a lock-out by a check.
final class TargetCheck: Sendable {
    private struct State {
        var waiting: [CheckSubject]
        var target: CheckReport.Target
        var findings: [CheckReport.Finding] = []
        /// Mailboxes whose login failed in a way that may be the target's: by class.
        var shared: [String: [(address: String, failure: CheckFailure)]] = [:]
        var certificateEnds: Int?
    }

    private let target: ReplayTarget
    private let group: any EventLoopGroup
    private let logins = LoginGuard()
    private let state: Mutex<State>

    init(target: ReplayTarget, subjects: [CheckSubject], group: any EventLoopGroup) {
        self.target = target
        self.group = group
        state = Mutex(State(waiting: subjects.reversed(), target: CheckReport.Target(name: target.name)))
    }

    func run(now: Timestamp) async -> (target: CheckReport.Target, findings: [CheckReport.Finding]) {
        // The first alone: where nobody listens, or the certificate is wrong, the others need not find it too.
        if let first = next() {
            let failure = await check(first)
            if failure?.isTargets == true { return close(now: now) }
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, target.connections) {
                group.addTask { while let subject = self.next() { _ = await self.check(subject) } }
            }
        }
        return close(now: now)
    }

    private func next() -> CheckSubject? {
        // While the guard is shut nobody is tried, and so nobody will open it.
        guard (try? logins.check(target.name)) != nil else { return nil }
        return state.withLock { $0.waiting.popLast() }
    }

    private func check(_ subject: CheckSubject) async -> CheckFailure? {
        do {
            let outcome = try await MailboxCheck(subject: subject, target: target, group: group).run()
            logins.succeeded(target.name)
            take(outcome)
            return nil
        } catch {
            let code = error.error.code
            let isShared = error.isTargets || code == .credentials && target.credentials.isShared
            if isShared { logins.failed(target.name, error.error) }
            state.withLock { state in
                state.target.tried += 1
                if isShared {
                    state.shared[code.description, default: []].append((subject.mailbox.address, error))
                } else {
                    state.findings.append(
                        CheckReport.Finding(
                            mailbox: subject.mailbox.address, target: target.name, errorClass: code.description,
                            words: "\(error.error)"))
                }
            }
            return error
        }
    }

    private func take(_ outcome: MailboxCheck.Outcome) {
        state.withLock { state in
            state.target.tried += 1
            state.target.server = outcome.server
            state.findings += outcome.findings
            state.target.sound += outcome.findings.isEmpty ? 1 : 0
            state.certificateEnds = outcome.certificateEnds ?? state.certificateEnds
            if let limit = outcome.appendLimit {
                state.target.appendLimit = min(ByteCount(limit), state.target.appendLimit ?? ByteCount(limit))
            }
        }
    }

    // MARK: The end

    private func close(now: Timestamp) -> (target: CheckReport.Target, findings: [CheckReport.Finding]) {
        state.withLock { state in
            state.target.notTried = state.waiting.count
            var findings: [CheckReport.Finding] = []
            for (errorClass, members) in state.shared.sorted(by: { $0.key < $1.key }) {
                findings += told(errorClass, members, state.target)
            }
            if let finding = certificate(state.certificateEnds, now) { findings.append(finding) }
            state.target.certificateEnds = state.certificateEnds.map { Timestamp(seconds: Int64($0)) }
            findings += state.findings.sorted { ($0.mailbox ?? "", $0.errorClass) < ($1.mailbox ?? "", $1.errorClass) }
            return (state.target, findings)
        }
    }

    /// One finding of the target where nobody could log in or some were not tried any more; else one of each mailbox.
    private func told(
        _ errorClass: String, _ members: [(address: String, failure: CheckFailure)], _ facts: CheckReport.Target
    ) -> [CheckReport.Finding] {
        let nobodyIsIn = facts.server == nil && members.count > 1
        let isTargets = members.allSatisfy(\.failure.isTargets)
        guard let last = members.last, facts.notTried > 0 || nobodyIsIn || isTargets else {
            return members.map {
                CheckReport.Finding(
                    mailbox: $0.address, target: target.name, errorClass: errorClass, words: "\($0.failure.error)")
            }
        }
        let rest = facts.notTried > 0 ? "; \(facts.notTried) more were not tried" : ""
        return [
            CheckReport.Finding(
                target: target.name, errorClass: errorClass,
                words: "\(last.failure.error) (\(members.count) logins tried\(rest))",
                mailboxes: members.count + facts.notTried)
        ]
    }

    private func certificate(_ ends: Int?, _ now: Timestamp) -> CheckReport.Finding? {
        guard let ends else { return nil }
        let left = Int64(ends) - now.seconds
        guard left < CheckLimits.certificateShouldLast else { return nil }
        let words =
            "the certificate ends on \(Timestamp(seconds: Int64(ends)).rfc3339.prefix(10)), in \(left / 86_400) days"
        return CheckReport.Finding(
            target: target.name, errorClass: "certificate", words: words, mailboxes: 0,
            isWarning: true)
    }
}
