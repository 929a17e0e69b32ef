import Ledger
import MailModel
import Spool
import TestKit
import Testing

@testable import Replayer

/// Rehearsals at the stand-in for Zimbra: one counter of UIDs for the account, folders without case, no reasons.
@Suite(.timeLimit(.minutes(10)))
struct ZimbraRehearsalTests {
    private func hold(_ rig: ZimbraRig, _ count: Int) async throws {
        let user = ZimbraRig.user
        try await rig.rig.journal.append([.mailboxSet(ReplayRig.mailbox(user))])
        for number in 0..<count { try await rig.rig.accept(ReplayRig.text(number), to: [user]) }
        try rig.rig.ledger.catchUp()
    }

    @Test("Copies go in small batches, are compared, and are gone afterwards with their folder")
    func wholeWay() async throws {
        try await ZimbraRig.run { rig in
            try await hold(rig, 25)
            let report = try await RehearsalTests.run(
                rig.rig, RehearsalPlan(folder: "Trial", messages: 25), target: try rig.target())
            #expect(report.isClean && report.isSound && report.accounts.map(\.verified) == [25], "\(report.accounts)")
            #expect(rig.zimbra.messages(ZimbraRig.user, in: "Trial").isEmpty)
            #expect(rig.zimbra.count("DELETE") == 1)
            #expect(rig.zimbra.messages(ZimbraRig.user).isEmpty)
        }
    }

    @Test("A connection that dies at the commit leaves nothing behind, and says so")
    func cutAtTheToken() async throws {
        try await ZimbraRig.run { rig in
            try await hold(rig, 5)
            rig.zimbra.plan([.diesAfterStore], for: ZimbraRig.user)
            let report = try await RehearsalTests.run(rig.rig, target: try rig.target())
            #expect(report.accounts.first?.problem != nil && report.isClean, "\(report.accounts)")
            #expect(rig.zimbra.messages(ZimbraRig.user, in: "Trial").isEmpty && rig.zimbra.count("DELETE") == 1)
            try rig.rig.expectProof(verified: 0, held: 5)
        }
    }
}
