import Ledger
import MailModel
import Synchronization

/// Which mailboxes wait, which are being worked on, which must not be tried before a time.
final class ReplayBoard: Sendable {
    private struct State {
        var waiting: [MailboxStatus] = []
        var running: [String: MailboxStatus] = [:]
        var notBefore: [String: ContinuousClock.Instant] = [:]
        var problems: [String: (problem: ReplayReport.Problem, tries: Int)] = [:]
        /// The last wish of a person, for each mailbox with a problem, that was known when the attempt began.
        var retries: [String: Int64] = [:]
        /// Waits for doubts to settle, in a row, with nothing delivered since. The number delivered when the row began, and its length.
        var waits: [String: (delivered: Int, count: Int)] = [:]
        /// Since when another process has a mailbox.
        var busySince: [String: ContinuousClock.Instant] = [:]
        /// Copies that were not verified when a mailbox was last through: if nothing else is there to do, it is not due again.
        var unverifiable: [String: Int] = [:]
        /// Mailboxes that a replay of one turn is through with.
        var finished: Set<String> = []
        var wantsCandidates = true
        var lastOfferWasEmpty = false
    }

    private let ceilings: ConnectionCeilings
    private let state = Mutex(State())

    init(ceilings: ConnectionCeilings) { self.ceilings = ceilings }

    var problems: [ReplayReport.Problem] {
        state.withLock { $0.problems.values.map(\.problem).sorted { $0.mailbox.address < $1.mailbox.address } }
    }

    /// The Ledger is to be asked which mailboxes are due. A replay of one turn asks again only when its list is worked through.
    func needsCandidates(untilIdle: Bool) -> Bool {
        state.withLock { $0.wantsCandidates && (!untilIdle || $0.waiting.isEmpty) }
    }

    /// A mailbox waits for a connection.
    var hasWaiting: Bool { state.withLock { !$0.waiting.isEmpty } }

    func wantCandidates() { state.withLock { $0.wantsCandidates = true } }

    /// Takes the mailboxes that are due now. Those that a person wants tried wait no longer; their targets are returned.
    @discardableResult
    func offer(_ due: [MailboxStatus], lookingLate: Set<String> = [], forgetting: Bool) -> Set<String> {
        state.withLock { state in
            state.wantsCandidates = false
            if forgetting {
                state.finished = []
                spareLockedOut(due, in: &state)
            }
            var wanted: Set<String> = []
            for status in due {
                guard let known = state.retries[status.mailbox.id], status.lastRetry > known else { continue }
                state.retries[status.mailbox.id] = nil
                state.notBefore[status.mailbox.id] = nil
                state.finished.remove(status.mailbox.id)
                wanted.insert(status.mailbox.target)
            }
            let waiting = due.filter { status in
                let id = status.mailbox.id
                let isOnlyUnverifiable =
                    !lookingLate.contains(id) && status.counts.held == 0 && status.openIntents == 0
                    && state.unverifiable[id] == status.counts[.delivered]
                let isThrough = state.finished.contains(id) && !lookingLate.contains(id)
                return state.running[id] == nil && !isThrough && !isOnlyUnverifiable
            }
            // Those that could take nothing when they were last tried come last: they must not keep the others from being tried.
            state.waiting = waiting.filter { !$0.wasRefused } + waiting.filter(\.wasRefused)
            state.lastOfferWasEmpty = state.waiting.isEmpty
            return wanted
        }
    }

    /// A follower that is started again and again must not try wrong credentials each time: what an earlier process was refused is left
    /// alone at first.
    private func spareLockedOut(_ due: [MailboxStatus], in state: inout State) {
        for status in due where status.block?.errorClass == ReplayError.Code.credentials.description {
            let id = status.mailbox.id
            guard state.retries[id] == nil, state.running[id] == nil else { continue }
            state.retries[id] = status.lastRetry
            state.notBefore[id] = .now + Self.pauseAfterStart
        }
    }

    private static let pauseAfterStart = Duration.seconds(30)

    /// The next mailbox that may be worked on now; nil where none waits, or none whose target has a connection left.
    func take() -> MailboxStatus? {
        let now = ContinuousClock.now
        return state.withLock { state in
            let next = state.waiting.firstIndex { candidate in
                guard state.notBefore[candidate.mailbox.id].map({ $0 <= now }) ?? true else { return false }
                return ceilings.begin(candidate.mailbox.target)
            }
            guard let next else { return nil }
            let mailbox = state.waiting.remove(at: next)
            state.running[mailbox.mailbox.id] = mailbox
            return mailbox
        }
    }

    func finished(_ mailbox: MailboxStatus, _ outcome: MailboxOutcome, once: Bool) {
        let id = mailbox.mailbox.id
        state.withLock { state in
            state.running[id] = nil
            ceilings.end(mailbox.mailbox.target, mailboxID: id)
            state.wantsCandidates = true
            switch outcome {
            case .done:
                state.unverifiable[id] = mailbox.counts[.delivered]
                state.problems[id] = nil
                state.retries[id] = nil
                state.notBefore[id] = nil
                if once { state.finished.insert(id) }
            case .settling(let time): state.notBefore[id] = .now + time
            case .busy: state.notBefore[id] = .now + .milliseconds(200)
            case .stopped(let error):
                state.retries[id] = mailbox.lastRetry
                let tries = (state.problems[id]?.tries ?? 0) + 1
                let pause = error.code.pause(tries: tries)
                state.notBefore[id] = .now + pause
                state.problems[id] = (
                    ReplayReport.Problem(
                        mailbox: mailbox.mailbox, error: error,
                        retryAt: Timestamp.now().adding(milliseconds: pause.components.seconds * 1000)), tries
                )
                if once { state.finished.insert(id) }
            }
        }
    }

    /// Turns a wait into a problem where waits follow upon each other without a delivery: a server that loses every connection at the
    /// commit, or never shows what it has taken, must not keep a replay of one turn busy for ever.
    func judge(_ mailbox: MailboxStatus, _ outcome: MailboxOutcome) -> MailboxOutcome {
        let id = mailbox.mailbox.id
        if case .busy = outcome { return judgeBusy(mailbox) }
        return state.withLock { state in
            state.busySince[id] = nil
            guard case .settling(let time) = outcome, time > .zero else {
                state.waits[id] = nil
                return outcome
            }
            let delivered = mailbox.counts.delivered
            var row = state.waits[id] ?? (delivered, 0)
            row = row.delivered == delivered ? (delivered, row.count + 1) : (delivered, 1)
            state.waits[id] = row.count >= Self.waitsInARow ? nil : row
            guard row.count >= Self.waitsInARow else { return outcome }
            return .stopped(
                ReplayError(
                    .unavailable,
                    "\(mailbox.mailbox.target) has left \(row.count) APPENDs in a row unanswered: look into its log"))
        }
    }

    private static let waitsInARow = 8

    /// Another process has the mailbox, for so long that it may hang: a person must know. Its lock has no expiry, since a process that
    /// was stopped in the middle of an APPEND would go on with it.
    private func judgeBusy(_ mailbox: MailboxStatus) -> MailboxOutcome {
        let (id, now) = (mailbox.mailbox.id, ContinuousClock.now)
        let since = state.withLock { state in
            let since = state.busySince[id] ?? now
            state.busySince[id] = since
            return since
        }
        guard now - since >= Self.busyPatience else { return .busy }
        return .stopped(
            ReplayError(
                .busy,
                "another process has been working on it for more than \(Self.busyPatience.components.seconds) s; if `ps` shows that one stopped or hanging, let it go on (SIGCONT) or end it (SIGKILL): its lock goes with it"
            ))
    }

    private static let busyPatience = Duration.seconds(5)

    /// Mailboxes that were through, but for those with a problem, may be offered again.
    func beginRound() {
        state.withLock { state in
            state.finished = Set(state.problems.keys)
            state.wantsCandidates = true
        }
    }

    /// Mailboxes that a problem has stopped.
    var stopped: Set<String> { Set(state.withLock(\.problems.keys)) }

    /// Mailboxes that could not be asked since their target is away, by target.
    var unreachable: [String: Set<String>] {
        state.withLock { state in
            let away = state.problems.values.map(\.problem).filter(\.error.isOutage)
            return Dictionary(grouping: away, by: \.mailbox.target).mapValues { Set($0.map(\.mailbox.id)) }
        }
    }

    /// Offers these once more in the same run, as if they had not been tried.
    func tryAgain(_ ids: Set<String>) {
        state.withLock { state in
            state.finished.subtract(ids)
            for id in ids { (state.problems[id], state.notBefore[id], state.retries[id]) = (nil, nil, nil) }
            state.wantsCandidates = true
        }
    }

    /// Nothing runs, nothing waits, and the last look found nothing.
    var isIdle: Bool {
        state.withLock { $0.running.isEmpty && $0.waiting.isEmpty && !$0.wantsCandidates && $0.lastOfferWasEmpty }
    }
}

extension MailboxStatus {
    /// It was tried, and could take nothing.
    fileprivate var wasRefused: Bool { block.map { $0.errorClass != ReplayError.Code.notTried.description } ?? false }
}

extension ReplayError.Code {
    /// How long a follower leaves a mailbox alone. Wrong credentials must never hammer an account into a lock-out.
    func pause(tries: Int) -> Duration {
        switch self {
        case .busy: .seconds(5)
        case .notTried: .seconds(60)
        case .unavailable, .spool, .maintenance: .seconds(min(300, 5 << min(tries, 6)))
        // Each attempt may be a copy more: a person, or time, must help first.
        case .notShown: .seconds(6 * 3600)
        default: .seconds(900)
        }
    }
}
