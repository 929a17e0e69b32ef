public import Ledger
public import Logging
public import MailModel
public import NIOCore
public import Spool
import Synchronization

/// Moves held mail of cut-over mailboxes into them: several mailboxes at once, one connection each, within each target's ceiling.
public final class ReplayEngine: Sendable {
    /// Counts of this engine since it was made.
    public let progress = ReplayProgress()
    public let ledger: Ledger
    let targets: [String: ReplayTarget]
    let environment: ReplayEnvironment
    private let board: ReplayBoard
    private let stop = StopFlag()
    private let wakeUp = WakeUp()

    public init(
        ledger: Ledger, journal: Journal, targets: [String: ReplayTarget], group: any EventLoopGroup, logger: Logger,
        clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
    ) {
        self.ledger = ledger
        self.targets = targets
        let ceilings = ConnectionCeilings(targets: targets, logger: logger)
        board = ReplayBoard(ceilings: ceilings)
        environment = ReplayEnvironment(
            ledger: ledger, reader: SpoolReader(layout: ledger.layout), journal: journal, group: group, logger: logger,
            progress: progress, targets: targets, logins: LoginGuard(), doubts: DoubtClock(), losses: LostConnections(),
            leftovers: TriedLeftovers(), lateLooks: LateLooks(), batchIDs: BatchIDs(), ceilings: ceilings,
            pace: DeliveryPace(),
            isStopping: stop,
            clock: clock)
    }

    /// Mailboxes being worked on now, by target.
    public var connectionsInUse: [String: Int] { environment.ceilings.active }

    /// Mailboxes that may be worked on at once, by target: as configured, or fewer by a person's word or while a target is in trouble.
    public var connectionCeilings: [String: Int] { environment.ceilings.ceilings }

    /// Mailboxes that could not go on, and why.
    public var problems: [ReplayReport.Problem] { board.problems }

    /// Asks everything to end after its running batch.
    public func stopSoon() {
        stop.set()
        wakeUp.call()
    }

    /// Delivers what is due until nothing more can be done now: everything delivered and compared, parked, or stopped by a problem.
    ///
    /// Waits out settle times. Throws where the spool, the journal or the Ledger fails.
    public func replayOnce(_ selection: ReplaySelection) async throws -> ReplayReport {
        try await noticeRestore()
        try await project()
        try await recallLateLooks(selection.mailboxes)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.projectUntilCancelled() }
            group.addTask { try await self.work(selection, untilIdle: true) }
            // The first to end is the work, or a failure of either.
            try await group.next()
            group.cancelAll()
        }
        try await project()
        return try await report(selection)
    }

    /// Delivers what becomes due, until the task is cancelled or `stopSoon` is called.
    public func follow() async throws {
        try await noticeRestore()
        try await project()
        try await recallLateLooks(.all)
        try await work(ReplaySelection(), untilIdle: false)
    }

    /// A replay of one turn ends also where mail never ceases to come: a follower is for that.
    private static let roundsAtMost = 10

    private func work(_ selection: ReplaySelection, untilIdle: Bool) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var throttles = ThrottleFollower(logger: environment.logger)
            var note = LoweredConnectionsNote(layout: ledger.layout)
            var seen: LedgerProgress?
            var lastLook = ContinuousClock.now - .seconds(60)
            var lastClosing = ContinuousClock.now
            var deliveredBefore = progress.now.delivered
            var rounds = 0
            var outage = OutagePatience()
            let meant = try await mailboxes(of: selection.messages)
            // A mailbox at which the spool, the journal or the Ledger fails cancels the group, not the task that this is.
            while !stop.isSet && !Task.isCancelled && !group.isCancelled {
                // A throttle that a person has given before holds for the first batch.
                if !untilIdle { seen = try await projectIfNew(seen, &lastLook) }
                try await throttles.follow(environment)
                try await note.follow(environment)
                if ContinuousClock.now - lastClosing >= .seconds(60) {
                    // What a reclaim has removed gives its room back when nobody has it open any more.
                    environment.reader.closeSegments()
                    lastClosing = .now
                }
                if board.needsCandidates(untilIdle: untilIdle) {
                    let now = environment.clock()
                    let ledger = self.ledger
                    let looks = environment.lateLooks.due.subtracting(untilIdle ? board.stopped : [])
                    let due = try await environment.blocking {
                        let due = try ledger.dueMailboxes(selection.mailboxes, now: now).filter {
                            meant?.contains($0.mailbox.address) ?? true
                        }
                        let known = Set(due.map(\.mailbox.id))
                        let others = try looks.filter { !known.contains($0) }.compactMap(ledger.mailboxToReplay)
                        return due + others.filter { $0.mayReplay(now: now) }
                    }
                    // Paused, taken back or gone from the roster.
                    for id in looks.subtracting(due.map(\.mailbox.id)) { giveUpLooks(id) }
                    // A person wants them tried now: what was known of the target's logins counts no more.
                    for target in board.offer(due, lookingLate: looks, forgetting: !untilIdle) {
                        environment.logins.forget(target)
                    }
                }
                while let mailbox = board.take() {
                    group.addTask { try await self.run(mailbox, selection, once: untilIdle) }
                }
                // Of one that is stopped by a problem nobody can look now; what is left in the end is told of.
                if untilIdle, board.isIdle, !environment.lateLooks.mailboxes.isSubset(of: board.stopped) {
                    // The settle time is waited out here as anywhere.
                    await wakeUp.sleep(atMost: .milliseconds(100))
                    board.wantCandidates()
                    continue
                }
                if untilIdle, board.isIdle {
                    // What came meanwhile, or was taken back, is due once more, as long as rounds bring something forward.
                    let delivered = progress.now.delivered
                    if try await outwait(&outage, delivered: delivered) { continue }
                    rounds += 1
                    guard delivered != deliveredBefore, rounds < Self.roundsAtMost else { break }
                    deliveredBefore = delivered
                    try await project()
                    board.beginRound()
                    continue
                }
                // A mailbox that is through calls at once; what only time brings is looked for.
                await wakeUp.sleep(atMost: .milliseconds(untilIdle ? 20 : 100))
            }
            await note.end(environment)
        }
    }

    /// The addresses of the mailboxes that messages go to; nil for no messages: any mailbox is meant.
    private func mailboxes(of messages: Set<MessageID>) async throws -> Set<String>? {
        guard !messages.isEmpty else { return nil }
        let ledger = self.ledger
        return try await environment.blocking { Set(try ledger.deliveries(of: messages).compactMap(\.mailbox)) }
    }

    /// Waits for targets that have gone away in the middle of a replay of one turn; false where there is none, or it was waited long
    /// enough.
    private func outwait(_ outage: inout OutagePatience, delivered: Int) async throws -> Bool {
        let away = board.unreachable.filter { environment.logins.isProven($0.key) }
        let pauses = away.keys.compactMap { targets[$0]?.pausesInOutage }.max { $0.count < $1.count }
        guard let pauses, let pause = outage.next(of: pauses, delivered: delivered) else { return false }
        for (name, mailboxes) in away.sorted(by: { $0.key < $1.key }) {
            environment.logger.notice(
                "target is away: tried again",
                metadata: ["target": "\(name)", "mailboxes": "\(mailboxes.count)", "in": "\(pause)"])
        }
        let end = ContinuousClock.now + pause
        while ContinuousClock.now < end, !stop.isSet, !Task.isCancelled {
            await wakeUp.sleep(atMost: end - ContinuousClock.now)
        }
        for (name, mailboxes) in away {
            environment.logins.reopen(name)
            board.tryAgain(mailboxes)
        }
        return true
    }

    /// Projects, and lets the mailboxes be looked at again, when something has come or a second has passed.
    private func projectIfNew(_ seen: LedgerProgress?, _ lastLook: inout ContinuousClock.Instant) async throws
        -> LedgerProgress
    {
        let ledger = self.ledger
        if ContinuousClock.now - lastLook >= .seconds(1), try await looksRestored() { try await noticeRestore() }
        let now = try await environment.blocking { try ledger.catchUp() }
        if now != seen || ContinuousClock.now - lastLook >= .seconds(1) {
            board.wantCandidates()
            lastLook = .now
        }
        return now
    }

    private func run(_ mailbox: MailboxStatus, _ selection: ReplaySelection, once: Bool) async throws {
        let outcome = board.judge(mailbox, try await outcome(of: mailbox, selection))
        if case .stopped(let error) = outcome {
            environment.logger.warning(
                "mailbox cannot go on",
                metadata: [
                    "mailbox": "\(mailbox.mailbox.address)", "target": "\(mailbox.mailbox.target)",
                    "class": "\(error.code)", "why": "\(error)",
                ])
        }
        try await note(outcome, of: mailbox)
        if case .done = outcome {
            progress.add { $0.mailboxesDone += 1 }
            // A follower looks at the mailbox again: the Ledger must know by then what was done.
            if !once { try await project() }
        }
        board.finished(mailbox, outcome, once: once)
        // A follower's pace is kept where nothing waits: what is due again at once must not keep it busy.
        if once || board.hasWaiting { wakeUp.call() }
    }

    /// What a bad row of the roster can cause stops its own mailbox, not the engine.
    private func outcome(of mailbox: MailboxStatus, _ selection: ReplaySelection) async throws -> MailboxOutcome {
        switch mailboxReplay(mailbox, onlyMessages: selection.messages) {
        case .success(let replay): return try await replay.run()
        case .failure(let error): return .stopped(error)
        }
    }

    /// The work on a mailbox; fails where the roster sends it nowhere.
    func mailboxReplay(_ mailbox: MailboxStatus, onlyMessages: Set<MessageID> = []) -> Result<
        MailboxReplay, ReplayError
    > {
        let (address, name, folder) = (mailbox.mailbox.address, mailbox.mailbox.target, mailbox.mailbox.folder)
        guard let target = targets[name] else {
            return .failure(
                ReplayError(
                    .noTarget,
                    "the roster sends \(address) to target \(name), which the configuration does not have: add [targets.\(name)]"
                ))
        }
        do {
            return .success(
                try MailboxReplay(
                    mailbox: mailbox, target: target, environment: environment, onlyMessages: onlyMessages))
        } catch {
            return .failure(
                ReplayError(
                    .noMailbox,
                    "the roster's folder \(folder) of \(address) cannot be a folder's name (\(error)): mend the row and import it again"
                ))
        }
    }

    func project() async throws {
        let ledger = self.ledger
        _ = try await environment.blocking { try ledger.catchUp() }
    }

    private func projectUntilCancelled() async throws {
        while !Task.isCancelled {
            // Often, so that little is left to be projected at the end.
            try? await Task.sleep(for: .milliseconds(250))
            try await project()
        }
    }

    private func report(_ selection: ReplaySelection) async throws -> ReplayReport {
        let ledger = self.ledger
        let now = environment.clock()
        let (statuses, named) = try await environment.blocking {
            (try ledger.mailboxes(selection.mailboxes), try ledger.deliveries(of: selection.messages))
        }
        let cutOver = statuses.filter { status in status.cutoverAt.map { $0 <= now } ?? false }
        let rows = named.filter(selection.mailboxes.means(in: statuses))
        let isAll = selection.messages.isEmpty
        return ReplayReport(
            counts: progress.now, problems: board.problems,
            held: isAll
                ? cutOver.reduce(0) { $0 + $1.counts.held }
                : rows.count { $0.state == .held || $0.state == .appending },
            failed: isAll ? cutOver.reduce(0) { $0 + $1.counts.failed } : rows.count { $0.state == .failed },
            unreconciled: statuses.filter(\.isUnreconciled).map(\.mailbox),
            notLookedFor: environment.lateLooks.messages)
    }
}
