public import Ledger
public import Logging
public import MailModel
public import NIOCore
public import Spool
import Synchronization

/// Copies some held mail of each mailbox into a shadow folder, reads it back, measures, and removes it again. What is held stays held.
public final class RehearsalEngine: Sendable {
    private let targets: [String: ReplayTarget]
    private let environment: RehearsalEnvironment
    private let ids = BatchIDs()

    public init(
        ledger: Ledger, journal: Journal, targets: [String: ReplayTarget], group: any EventLoopGroup, logger: Logger
    ) {
        self.targets = targets
        environment = RehearsalEnvironment(
            ledger: ledger, reader: SpoolReader(layout: ledger.layout), journal: journal, group: group, logger: logger)
    }

    /// Cleans up behind rehearsals that were killed. Gives what could not be cleaned, and why.
    ///
    /// Throws where the spool, the journal or the Ledger fails.
    @discardableResult
    public func clean() async throws -> (cleaned: Int, problems: [String]) {
        let ledger = environment.ledger
        let open = try await environment.blocking {
            try ledger.catchUp()
            return try ledger.openRehearsals()
        }
        // One account may have copies of several mailboxes.
        let places = Dictionary(grouping: open.map(\.rehearsal)) { [$0.run.description, $0.target, $0.login] }
        let problems = try await withThrowingTaskGroup(of: String?.self) { group in
            for rehearsal in places.values.compactMap(\.first) {
                group.addTask { try await self.clean(rehearsal) }
            }
            return try await group.reduce(into: [String]()) { all, problem in
                if let problem { all.append(problem) }
            }
        }
        _ = try await environment.blocking { try ledger.catchUp() }
        return (places.count - problems.count, problems.sorted())
    }

    private func clean(_ rehearsal: Rehearsal) async throws -> String? {
        let place = "\(rehearsal.folder) of \(rehearsal.login) on \(rehearsal.target)"
        guard let target = targets[rehearsal.target] else {
            return "\(place): the configuration has no [targets.\(rehearsal.target)] any more"
        }
        guard let lock = try await environment.lock(rehearsal.target, rehearsal.login) else {
            return "\(place): another process works on the mailbox now"
        }
        defer { lock.release() }
        let account = ShadowAccount(target: target, login: rehearsal.login, environment: environment)
        do {
            try await account.clean(rehearsal, isOrderly: false)
            await account.end()
            return nil
        } catch {
            await account.drop()
            guard let problem = ReplayError(ofMailbox: error, target: target.name) else { throw error }
            return "\(place): \(problem)"
        }
    }

    /// Rehearses with the held mail of these mailboxes, several at once within each target's ceiling.
    ///
    /// Throws where the spool, the journal or the Ledger fails.
    public func run(_ mailboxes: [MailboxStatus], plan: RehearsalPlan, now: Timestamp) async throws -> RehearsalReport {
        let run = ids.next(now)
        let (roster, targets, throttles) = try await environment.blocking { [ledger = environment.ledger, targets] in
            (try ledger.roster(), try targets.throttled(by: ledger), try ledger.throttles().map(\.throttle))
        }
        for throttle in throttles { environment.pace.order(throttle) }
        let accounts = try await withThrowingTaskGroup(of: [RehearsalReport.Account].self) { group in
            for (name, members) in Dictionary(grouping: mailboxes, by: \.mailbox.target) {
                guard let target = targets[name] else { continue }
                let units = WaitingAccounts(members, account: plan.account)
                for _ in 0..<max(1, target.connections) {
                    group.addTask { try await self.work(units, target, plan, run, roster) }
                }
            }
            return try await group.reduce(into: [RehearsalReport.Account]()) { $0 += $1 }
        }
        _ = try await environment.blocking { [ledger = environment.ledger] in try ledger.catchUp() }
        return RehearsalReport(
            accounts: accounts.sorted { ($0.target, $0.login) < ($1.target, $1.login) },
            forecasts: Self.forecasts(accounts, mailboxes, targets, throttles))
    }

    private func work(
        _ units: WaitingAccounts, _ target: ReplayTarget, _ plan: RehearsalPlan, _ run: MessageID,
        _ roster: [RosterMailbox]
    ) async throws -> [RehearsalReport.Account] {
        var results: [RehearsalReport.Account] = []
        while let (login, sources) = units.next() {
            let account = ShadowAccount(target: target, login: login, environment: environment)
            let homes = roster.filter { $0.target == target.name && $0.login == login }.map(\.folder)
            let rehearsal = AccountRehearsal(account: account, sources: sources, plan: plan, run: run, homes: homes)
            results.append(try await rehearsal.rehearse())
        }
        return results
    }

    private static func forecasts(
        _ accounts: [RehearsalReport.Account], _ mailboxes: [MailboxStatus], _ targets: [String: ReplayTarget],
        _ throttles: [Throttle]
    ) -> [RehearsalReport.Forecast] {
        Dictionary(grouping: mailboxes, by: \.mailbox.target).sorted { $0.key < $1.key }.compactMap { name, members in
            guard let measured = RehearsalForecast(accounts.filter { $0.target == name }) else { return nil }
            return measured.forecast(
                members, target: name, connections: targets[name]?.connections ?? 1,
                within: throttles.first { $0.target == name })
        }
    }
}

/// The accounts of one target that wait for their turn.
private final class WaitingAccounts: Sendable {
    typealias Unit = (login: String, sources: [MailboxStatus])

    private let units: Mutex<[Unit]>

    init(_ mailboxes: [MailboxStatus], account: String?) {
        if let account {
            units = Mutex([(account, mailboxes)])
        } else {
            units = Mutex(mailboxes.reversed().map { ($0.mailbox.login, [$0]) })
        }
    }

    func next() -> Unit? { units.withLock { $0.popLast() } }
}
