import Logging
import MailModel
import NIOPosix
import Spool
import Synchronization
import TestKit
import Testing

@testable import Replayer

/// The wall clock says when a cutover begins, and nothing else: every wait is measured by a clock that only goes on.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct WallClockTests {
    @Test("A wall clock that is days ahead and leaps further shortens no settle time and lengthens no wait")
    func leaping() async throws {
        try await ReplayRig.run { rig in
            let messages = try await DoubtResolutionTests.setUp(rig)
            try await DoubtResolutionTests.leaveIntent(rig, Array(messages[..<2]))
            let days = Mutex<Int64>(1)
            let engine = ReplayEngine(
                ledger: rig.ledger, journal: rig.journal, targets: ["t": try rig.target(settle: .seconds(1))],
                group: MultiThreadedEventLoopGroup.singleton,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                clock: {
                    days.withLock { days in
                        days += 1
                        return Timestamp.now().adding(milliseconds: days * 86_400_000)
                    }
                })
            let start = ContinuousClock.now
            let report = try await engine.replayOnce(ReplaySelection())
            #expect(ContinuousClock.now - start >= .seconds(1), "the server was not given its time")
            #expect(report.held == 0 && report.problems.isEmpty)
            try await rig.expectExactlyOnce(messages, in: DoubtResolutionTests.user)
            try rig.expectProof(verified: 3)
        }
    }
}
