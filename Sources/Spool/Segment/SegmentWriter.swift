import MailModel
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// The one writer of a spool's messages: takes what is ready, writes it, syncs once, tells everybody (Durability D2–D5).
///
/// It holds the receiver's lock from `open` to `close`. A failure that leaves the disk in doubt ends it for good: every message
/// from then on is answered with an error, and `onFailure` is called once, so that the process can exit.
public final class SegmentWriter: Sendable {
    public let layout: SpoolLayout
    public let fileSystem: any SpoolFileSystem
    public let limits: SpoolLimits
    /// What the start found.
    public let recovery: RecoveryReport

    private let queue = GroupQueue<MessageCommit>()
    private let thread = Mutex<SpoolThread?>(nil)
    private let onFailure: @Sendable (SpoolError) -> Void
    private let failure = Mutex<SpoolError?>(nil)
    private let statistics = Mutex(CommitStatistics())
    private let pace = Mutex<(busySince: ContinuousClock.Instant?, lastCommit: ContinuousClock.Instant?)>((nil, nil))

    /// Takes the receiver's lock, recovers the spool (R1–R7) and starts the writer's thread.
    ///
    /// Throws `.locked` where another receiver owns the spool, and any disk error of the recovery: the spool is then left as it was.
    public init(
        layout: SpoolLayout, fileSystem: any SpoolFileSystem = POSIXFileSystem(), limits: SpoolLimits = SpoolLimits(),
        onFailure: @escaping @Sendable (SpoolError) -> Void = { _ in }
    ) throws {
        self.layout = layout
        self.fileSystem = fileSystem
        self.limits = limits
        self.onFailure = onFailure
        try layout.create(fileSystem)
        // R1.
        guard let lock = try SpoolLock.outlastReaders(layout: layout, name: .receiver) else {
            throw SpoolError(
                code: .locked,
                message: "another receiver owns the spool \(layout.directory); stop it first, or name another directory"
            )
        }
        let committed = try CommittedPosition(layout: layout, fileSystem: fileSystem, writing: true)
        let published = try committed.lastPublished()
        // R1. Readers find the lock held from here on, and would believe what a former boot has published.
        try committed.withdraw()
        recovery = try SegmentRecovery(layout: layout, fileSystem: fileSystem, published: published).repair()
        let loop = SegmentWriterLoop(
            layout: layout, fileSystem: fileSystem, limits: limits, committed: committed,
            nextNumber: try fileSystem.freeNumber(in: layout.segments, suffix: ".seg"))
        // R7. Also where there is no segment: what an older spool published here must not be believed.
        try committed.renew(loop.begin(behind: recovery))
        let started = try SpoolThread.start(name: "layover-commit") { [self] in
            run(loop)
            lock.release()
        }
        thread.withLock { $0 = started }
    }

    /// Hands a message over. Its completion is called exactly once, from the writer's thread or, where the message cannot be
    /// taken at all, at once.
    public func submit(_ commit: MessageCommit) {
        guard commit.envelopeLines.count <= min(limits.envelopeSize.bytes, RecordHeader.maximumEnvelopeLength) else {
            commit.completion(
                SpoolError(
                    code: .tooLarge,
                    message: "an envelope of \(commit.envelopeLines.count) bytes; the limit is \(limits.envelopeSize)"))
            return
        }
        if !queue.append(commit) {
            commit.completion(
                failure.withLock { $0 } ?? SpoolError(code: .closed, message: "the spool is being closed"))
        }
    }

    /// Writes what was submitted, seals the segment and gives the lock back. Blocks until that is done, so it must not be
    /// called from a completion or from `onFailure`.
    public func close() {
        queue.close()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    /// Why nothing more is taken; nil while all is well.
    public var failed: SpoolError? { failure.withLock { $0 } }

    /// Counts since the start.
    public var counts: CommitStatistics { statistics.withLock { $0 } }

    /// What the writer is doing now.
    public var progress: WriterProgress {
        let (busySince, lastCommit) = pace.withLock { $0 }
        return WriterProgress(waiting: queue.count, busySince: busySince, lastCommit: lastCommit)
    }

    /// One group, with its time taken.
    private func commit(_ group: [MessageCommit], with loop: SegmentWriterLoop) -> SegmentWriterLoop.Outcome {
        let start = ContinuousClock.now
        pace.withLock { $0.busySince = start }
        let outcome = loop.commit(group)
        let end = ContinuousClock.now
        pace.withLock { pace in
            pace.busySince = nil
            if outcome.error == nil { pace.lastCommit = end }
        }
        statistics.withLock { statistics in
            statistics.count(outcome, of: group)
            statistics.latency.add(end - start)
        }
        return outcome
    }

    private func run(_ loop: SegmentWriterLoop) {
        while let ready = queue.takeAll() {
            for group in loop.groups(ready) {
                if let error = failed {
                    for commit in group { commit.completion(error) }
                    continue
                }
                let outcome = commit(group, with: loop)
                if case .ended(let error) = outcome { fail(error) }
                // D5.
                for commit in group { commit.completion(outcome.error) }
            }
        }
        if failed == nil { loop.seal() }
    }

    private func fail(_ error: SpoolError) {
        failure.withLock { $0 = error }
        onFailure(error)
    }
}

/// What the writer has done since its start.
public struct CommitStatistics: Sendable, Hashable {
    public var messages = 0
    public var bytes = 0
    /// Syncs; `messages / groups` says how well the group commit groups.
    public var groups = 0
    public var refused = 0
    public var latency = CommitLatency()

    mutating func count(_ outcome: SegmentWriterLoop.Outcome, of group: [MessageCommit]) {
        groups += 1
        if outcome.error == nil {
            messages += group.count
            bytes += group.reduce(0) { $0 + $1.messageLength }
        } else {
            refused += group.count
        }
    }
}

extension SpoolLayout {
    /// Makes the directories that are missing, and their names durable. The spool directory's parent must exist.
    public func create(_ fileSystem: any SpoolFileSystem) throws {
        try fileSystem.createDirectory(directory)
        for path in [segments, large, journal, locks] { try fileSystem.createDirectory(path) }
        try fileSystem.syncDirectory(directory)
        // The spool's own name too, at every start: the start that made it may have been cut short before it came this far.
        do {
            try fileSystem.syncDirectory(parent)
        } catch let error as SpoolError where error.systemError == EACCES {
            // A parent that we may not even list is an administrator's, who made the spool directory and its name.
        }
    }
}
