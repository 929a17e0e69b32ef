import Ledger
import MailModel
import Spool
import TestKit
import Testing

@testable import Replayer

/// A journal that takes nothing more: nothing may be sent, and whoever started the replay must hear of it.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(5)))
struct FailingJournalTests {
    @Test("A replay and a follower end with its error, and nothing has gone out", arguments: [false, true])
    func ends(isFollower: Bool) async throws {
        try await ReplayRig.run { rig in
            for number in 0..<3 {
                let user = "u\(number)@example.test"
                try await rig.accept(ReplayRig.text(number), to: [user])
                try await rig.cutOver([ReplayRig.mailbox(user)])
            }
            let engine = try rig.engine(connections: 2)
            rig.journal.close()
            let error = await #expect(throws: SpoolError.self) {
                if isFollower { try await engine.follow() } else { _ = try await engine.replayOnce(ReplaySelection()) }
            }
            #expect(error?.message.contains("journal") ?? false, "\(error.map { "\($0)" } ?? "")")
            for number in 0..<3 { #expect(try await rig.copies("u\(number)@example.test").isEmpty) }
        }
    }
}
