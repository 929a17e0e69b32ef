public import Ledger
import MailModel
public import NIOCore
import NIOPosix
public import Spool

/// Asks the targets for every copy that was delivered to a selection of mailboxes. Changes nothing there; what it settles is handed to
/// `record`, mailbox by mailbox, or stands in the answer's `acts` where there is none.
public struct LiveProver: Sendable {
    private let ledger: Ledger
    private let targets: [String: ReplayTarget]
    private let group: any EventLoopGroup
    private let record: Recorder?

    /// Journals acts, and brings the Ledger up to them.
    public typealias Recorder = @Sendable ([JournalAct]) async throws -> Void

    public init(
        ledger: Ledger, targets: [String: ReplayTarget], group: any EventLoopGroup, record: Recorder? = nil
    ) {
        self.ledger = ledger
        self.targets = targets
        self.group = group
        self.record = record
    }

    /// Several mailboxes at once, within each target's connections; every folder of theirs is looked through by `X-Layover-Id`, and
    /// only what is not once in its place is read. With everything selected, mailboxes that have left the roster are asked too.
    ///
    /// A mailbox that cannot be asked is named in the answer. Throws where the Ledger fails.
    public func prove(_ selection: MailboxSelection) async throws -> LiveProof {
        let ledger = self.ledger
        let (listed, removed) = try await NIOThreadPool.singleton.runIfActive {
            (try ledger.mailboxes(selection), selection.isEverything ? try ledger.removedMailboxes() : [])
        }
        let mailboxes = listed + removed
        let waiting = mailboxes.filter { $0.counts.delivered > 0 }
        let allowed = try await NIOThreadPool.singleton.runIfActive { [targets] in try targets.throttled(by: ledger) }
        var proof = try await withThrowingTaskGroup(of: LiveProof.self) { group in
            for (name, mailboxes) in Dictionary(grouping: waiting, by: \.mailbox.target) {
                let queue = WaitingMailboxes(mailboxes)
                for _ in 0..<min(mailboxes.count, allowed[name]?.connections ?? 1) {
                    group.addTask {
                        var part = LiveProof()
                        while let mailbox = queue.next() { part.add(try await prove(mailbox.mailbox)) }
                        return part
                    }
                }
            }
            return try await group.reduce(into: LiveProof()) { $0.add($1) }
        }
        let gone = Set(removed.map(\.mailbox.id))
        for index in proof.problems.indices where gone.contains(proof.problems[index].mailbox.id) {
            let error = proof.problems[index].error
            proof.problems[index].error = ReplayError(
                error.code,
                "it has left the roster, and its account cannot be asked (a selection leaves it out): \(error)")
        }
        proof.doubles.sort { ($0.mailbox, $0.id) < ($1.mailbox, $1.id) }
        proof.problems.sort { $0.mailbox.address < $1.mailbox.address }
        proof.missingCopies.sort { ($0.mailbox, $0.id) < ($1.mailbox, $1.id) }
        proof.closedFolders.sort()
        proof.untoldFolders.sort()
        proof.emptiedMailboxes.sort()
        return proof
    }

    /// One mailbox: in the account where the intents say its mail went, whatever the roster says now.
    private func prove(_ mailbox: RosterMailbox) async throws -> LiveProof {
        let ledger = self.ledger
        let (copies, lastDoubt) = try await NIOThreadPool.singleton.runIfActive {
            (try ledger.liveCopies(mailboxID: mailbox.id), try ledger.lastDoubt(mailboxID: mailbox.id))
        }
        var proof = LiveProof()
        for (account, group) in Dictionary(grouping: copies, by: { [$0.target, $0.login] }) {
            do {
                let scan = try AccountScan(
                    target: target(account[0]), login: account[1], mailbox: mailbox, ledger: ledger,
                    group: self.group)
                proof.add(try await scan.look(for: group))
            } catch let error as ReplayError {
                proof.notAsked += group.count
                proof.problems.append(ReplayReport.Problem(mailbox: mailbox, error: error, retryAt: nil))
            }
        }
        try await settle(&proof, mailbox, lastDoubt: lastDoubt)
        return proof
    }

    /// Under the mailbox's lock, so that no replay makes a doubt meanwhile that is older than this look; one that was made since it
    /// began stays.
    private func settle(_ proof: inout LiveProof, _ mailbox: RosterMailbox, lastDoubt: Int64) async throws {
        guard let record, !proof.acts.isEmpty else { return }
        let ledger = self.ledger
        let (lock, isOvertaken) = try await NIOThreadPool.singleton.runIfActive {
            let name = LockName.mailbox(target: mailbox.target, login: mailbox.login)
            let lock = try SpoolLock.acquire(layout: ledger.layout, name: name, wait: false)
            _ = try ledger.catchUp()
            return (lock, try ledger.lastDoubt(mailboxID: mailbox.id) != lastDoubt)
        }
        defer { lock?.release() }
        if lock == nil || isOvertaken { proof.keepDoubts() }
        try await record(proof.acts)
        proof.acts = []
    }

    private func target(_ name: String) throws -> ReplayTarget {
        guard let target = targets[name] else {
            throw ReplayError(
                .noTarget, "the configuration has no [targets.\(name)] any more, so nobody can look there")
        }
        return target
    }
}
