import NIOCore
import Spool

/// Says whether mail can be taken now: whether a commit would really reach the disk.
final class ReceiverHealth: Sendable {
    private let writer: SegmentWriter
    private let space: SpaceGuard
    private let probe: DiskProbe
    private let patience: TimeAmount
    private let isTakingMail: @Sendable () -> Bool

    init(
        writer: SegmentWriter, space: SpaceGuard, probe: DiskProbe, patience: TimeAmount,
        isTakingMail: @escaping @Sendable () -> Bool
    ) {
        self.writer = writer
        self.space = space
        self.probe = probe
        self.patience = patience
        self.isTakingMail = isTakingMail
    }

    /// Why no mail can be taken, one line each; empty while all is well. Answers within `patience`, whatever the disk does.
    func check(on eventLoop: any EventLoop) -> EventLoopFuture<[String]> {
        var problems = standing
        let progress = writer.progress
        if let since = progress.busySince, ContinuousClock.now - since > .nanoseconds(patience.nanoseconds) {
            problems.append("the disk has not answered the last commit for \((ContinuousClock.now - since).seconds) s")
        }
        // What has just been committed has shown what a probe would show.
        let isFresh =
            progress.lastCommit.map { ContinuousClock.now - $0 < .nanoseconds(patience.nanoseconds / 4) } ?? false
        guard problems.isEmpty, !isFresh else { return eventLoop.makeSucceededFuture(problems) }
        let promise = eventLoop.makePromise(of: [String].self)
        let timeout = eventLoop.scheduleTask(in: patience) { [patience] in
            promise.succeed(["the disk has not synced one octet within \(patience.nanoseconds / 1_000_000) ms"])
        }
        probe.look(on: eventLoop).whenComplete { result in
            timeout.cancel()
            // Once it is completed by the timeout this does nothing.
            switch result {
            case .success: promise.succeed([])
            case .failure(let error): promise.succeed(["the disk cannot be written: \(error)"])
            }
        }
        return promise.futureResult
    }

    /// What is known without asking the disk.
    private var standing: [String] {
        var problems: [String] = []
        if !isTakingMail() { problems.append("no mail is taken: the receiver starts or stops") }
        if let failure = writer.failed { problems.append("the spool has failed: \(failure)") }
        switch space.shortage {
        case .belowFloor: problems.append("the free space or the free inodes are below spool.min_free")
        case .promised: problems.append("messages that are arriving fill the room above spool.min_free")
        case nil: break
        }
        return problems
    }
}

extension Duration {
    /// Whole seconds.
    var seconds: Int64 { components.seconds }
}
