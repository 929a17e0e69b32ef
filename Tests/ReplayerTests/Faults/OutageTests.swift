import IMAPProtocol
import Ledger
import MailModel
import Spool
import TestKit
import Testing

@testable import Replayer

/// A target that goes away while a replay of one turn is under way.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct OutageTests {
    /// Every connection but those of the first mailbox breaks behind the login until so many were made.
    private static func run(
        pauses: [Duration], _ test: (ReplayRig, ReplayReport, LateLooks) async throws -> Void
    ) async throws {
        try await ReplayRig.run { rig in
            let users = (0..<3).map { "u\($0)@example.test" }
            for user in users { try await rig.accept(ReplayRig.text(1), to: [user]) }
            try await rig.cutOver(users.map { ReplayRig.mailbox($0) })
            let proxy = try await IMAPFaultProxy(to: rig.server.port) { user, login in
                user != users[0] && login < 6 ? .cut(.toClient, octets: 0, fromAppend: false) : .none
            }
            let engine = try rig.engine(
                port: proxy.port, connections: 1, recovery: .milliseconds(10), pausesInOutage: pauses)
            let looks = engine.environment.lateLooks
            looks.add("id-" + users[1], .inbox, [MessageID(milliseconds: 1, random: 1, 1)], after: .zero)
            let report = try await engine.replayOnce(ReplaySelection())
            await proxy.close()
            try await test(rig, report, looks)
        }
    }

    @Test("It is waited for, and the mailboxes that it had met go on")
    func waits() async throws {
        try await Self.run(pauses: Array(repeating: .milliseconds(200), count: 4)) { rig, report, looks in
            #expect(report.problems.isEmpty && report.held == 0, "\(report.problems)")
            #expect(looks.mailboxes.isEmpty && report.notLookedFor == 0, "a late look waits for its mailbox too")
            try rig.expectProof(verified: 3)
        }
    }

    @Test("After its time it is told of, and the mail stays held")
    func givesUp() async throws {
        try await Self.run(pauses: []) { rig, report, _ in
            #expect(report.notLookedFor == 1)
            #expect(report.problems.map(\.error.code) == [.unavailable, .unavailable])
            try rig.expectProof(verified: 1, held: 2)
        }
    }

    @Test("Each delivery gives it its whole time again")
    func patience() {
        var outage = OutagePatience()
        let pauses: [Duration] = [.seconds(1), .seconds(2)]
        #expect(outage.next(of: pauses, delivered: 5) == .seconds(1))
        #expect(outage.next(of: pauses, delivered: 5) == .seconds(2))
        #expect(outage.next(of: pauses, delivered: 5) == nil)
        #expect(outage.next(of: pauses, delivered: 6) == .seconds(1))
    }
}
