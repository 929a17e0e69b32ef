import Ledger
import Logging
import MailModel
import Replayer
import ServiceLifecycle

/// A line a minute in the log of a follower, as long as there is something to tell.
struct ProgressLog: Service {
    let engine: ReplayEngine
    let ledger: Ledger
    let logger: Logger
    var interval = Duration.seconds(60)

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            // The engine counts from its start, which is this service's.
            var last = ReplayProgress.Counts()
            while true {
                try await Task.sleep(for: interval)
                let now = engine.progress.now
                if now != last { tell(now, since: last) }
                last = now
            }
        }
    }

    private func tell(_ now: ReplayProgress.Counts, since last: ReplayProgress.Counts) {
        let done = now.delivered + now.merged - last.delivered - last.merged
        let seconds = max(1, interval.components.seconds)
        // A Ledger that cannot be asked now is told of by those whose work it is.
        let left = (try? ledger.status(now: .now()))?.heldAfterCutover
        let time = left.flatMap { done > 0 ? Duration.seconds(Int64($0) * seconds / Int64(done)) : nil }
        logger.notice(
            "replay progress",
            metadata: [
                "messages": "\(done)", "bytes": "\(now.bytes - last.bytes)", "rate": "\(Int64(done) / seconds)/s",
                "left": "\(left.map(String.init) ?? "?")", "time_left": "\(ProgressFigures.words(time))",
                "parked": "\(now.failed - last.failed)", "blocked": "\(engine.problems.count)",
            ])
    }
}
