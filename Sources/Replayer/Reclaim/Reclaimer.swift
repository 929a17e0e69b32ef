public import Ledger
public import Logging
public import MailModel
public import NIOCore
import NIOPosix
public import Spool

/// Gives the disk back once mail is delivered, verified, and past its retention (Durability G1–G7).
///
/// Before bytes go, what is known of their messages is journaled, and their mailboxes are asked once more. A crash between any two
/// steps is finished by the next run.
public final class Reclaimer: Sendable {
    let ledger: Ledger
    let journal: Journal
    let segments: SegmentReclaim
    private let targets: [String: ReplayTarget]
    private let group: any EventLoopGroup
    let logger: Logger
    private let clock: @Sendable () -> Timestamp

    public init(
        ledger: Ledger, journal: Journal, targets: [String: ReplayTarget], group: any EventLoopGroup, logger: Logger,
        clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
    ) {
        self.ledger = ledger
        self.journal = journal
        self.targets = targets
        self.group = group
        self.logger = logger
        self.clock = clock
        segments = SegmentReclaim(layout: ledger.layout)
    }

    /// With the Ledger, journal and targets of a replay.
    public convenience init(engine: ReplayEngine) {
        let environment = engine.environment
        self.init(
            ledger: environment.ledger, journal: environment.journal, targets: environment.targets,
            group: environment.group, logger: environment.logger, clock: environment.clock)
    }

    /// Goes once through all closed segments. Throws `.locked` where another reclaim runs, and what disk, journal or Ledger throw.
    ///
    /// - Parameter each: told of each segment when it is done.
    public func run(
        _ options: ReclaimOptions, each: @Sendable (ReclaimedSegment) -> Void = { _ in }
    ) async throws -> ReclaimReport {
        // G1.
        let layout = ledger.layout
        let taken = try await blocking { try SpoolLock.acquire(layout: layout, name: .reclaim, wait: false) }
        guard let lock = taken else {
            throw SpoolError(code: .locked, message: "another reclaim of the spool \(layout.directory) runs now")
        }
        defer { lock.release() }
        var report = ReclaimReport()
        func tell(_ segment: ReclaimedSegment) {
            report.segments.append(segment)
            each(segment)
        }
        let unfinished = try await begin(options)
        for number in unfinished where !options.isDryRun { tell(try await finishEarlier(number)) }
        var inquiry = ReclaimInquiry(targets: targets, group: group, acceptsVanished: options.acceptsVanished)
        var round: [SegmentPlan] = []
        for number in try await closedSegments() where !unfinished.contains(number) {
            try Task.checkCancellation()
            let plan = try await plan(number, options)
            guard plan.isWorthIt else {
                tell(plan.staying)
                continue
            }
            round.append(plan)
            if round.reduce(0, { $0 + $1.candidates.count }) >= ReclaimLimits.messagesPerRound {
                for segment in try await giveBack(round, &inquiry, options) { tell(segment) }
                round = []
            }
        }
        for segment in try await giveBack(round, &inquiry, options) { tell(segment) }
        report.mailboxes = inquiry.mailboxes
        return report
    }

    /// Brings the Ledger up to date and names the segments that an earlier run has left unfinished.
    private func begin(_ options: ReclaimOptions) async throws -> [Int] {
        try await blocking { [segments, ledger] in
            if !options.isDryRun { try segments.removeLeftovers() }
            try ledger.catchUp()
            return try ledger.openReclaims()
        }
    }

    /// All but the last, which is the receiver's, as far as the Ledger has read them.
    private func closedSegments() async throws -> [Int] {
        try await blocking { [segments, ledger] in
            let read = try ledger.progress().spool.segment
            return try segments.segments().dropLast().filter { $0 < read }
        }
    }

    private func plan(_ number: Int, _ options: ReclaimOptions) async throws -> SegmentPlan {
        let rules = ReclaimRules(now: clock(), retentionMilliseconds: options.retention.wholeMilliseconds)
        return try await blocking { [segments, ledger] in
            SegmentPlan(
                number: number, size: try segments.size(of: number),
                candidates: try ledger.reclaimCandidates(segment: number, rules: rules))
        }
    }

    /// Asks the mailboxes of some segments (G2), and gives back what they let go.
    private func giveBack(_ plans: [SegmentPlan], _ inquiry: inout ReclaimInquiry, _ options: ReclaimOptions)
        async throws -> [ReclaimedSegment]
    {
        guard !plans.isEmpty else { return [] }
        // G2.
        try await inquiry.ask(plans.flatMap(\.copies))
        let lets = inquiry.lets
        var done: [ReclaimedSegment] = []
        for var plan in plans {
            try Task.checkCancellation()
            plan.spare(lets)
            if !plan.isWorthIt {
                done.append(plan.staying)
            } else if options.isDryRun {
                done.append(plan.expected)
            } else {
                done.append(try await giveBack(plan))
            }
        }
        return done
    }

    /// Runs blocking work off the event loops and off the tasks' threads.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}

extension SegmentPlan {
    var staying: ReclaimedSegment { ReclaimedSegment(number: number, size: size, action: .stays(why: reasonToStay)) }

    /// What would happen.
    var expected: ReclaimedSegment {
        let kept = candidates.count { !$0.isReclaimed } - dead.count
        return ReclaimedSegment(
            number: number, size: size, action: isEmptied ? .removed : .compacted(kept: kept), messages: dead.count,
            freed: deadBytes)
    }
}
