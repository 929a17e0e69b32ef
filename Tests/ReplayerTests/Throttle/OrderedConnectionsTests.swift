import Ledger
import MailModel
import NIOPosix
import Spool
import TestKit
import Testing

@testable import Replayer

/// Whatever asks a target keeps to the number of connections that was ordered: a Zimbra that says BYE to a second one has no
/// occasion to.
@Suite(.timeLimit(.minutes(10)))
struct OrderedConnectionsTests {
    private static let users = (0..<6).map { "u\($0)@example.test" }

    private static func run(_ test: (ZimbraRig) async throws -> Void) async throws {
        var settings = ZimbraSettings()
        settings.maximumConnections = 1
        try await ZimbraRig.run(settings) { rig in
            try await rig.rig.journal.append(users.map { .mailboxSet(ReplayRig.mailbox($0)) })
            for user in users { try await rig.rig.accept(ReplayRig.text(0), to: [user]) }
            try await order(1, rig.rig)
            try await test(rig)
        }
    }

    private static func order(_ connections: Int?, _ rig: ReplayRig) async throws {
        try await rig.journal.append([.throttled(Throttle(target: "t", connections: connections), why: "gently")])
        try rig.ledger.catchUp()
    }

    private static func check(_ rig: ZimbraRig) async throws -> CheckReport {
        let targets = try ["t": rig.target()].throttled(by: rig.rig.ledger)
        let subjects = users.map {
            CheckSubject(mailbox: ReplayRig.mailbox($0), held: 1, heldBytes: 100, largest: 100)
        }
        return await WaveCheck(targets: targets, group: MultiThreadedEventLoopGroup.singleton).run(
            subjects, now: .now())
    }

    @Test("check")
    func check() async throws {
        try await Self.run { rig in
            #expect(try await Self.check(rig).findings.isEmpty)
            #expect(rig.zimbra.farewells == 0)
            // Without the order it asks for as many as are configured, and is told.
            try await Self.order(nil, rig.rig)
            _ = try await Self.check(rig)
            #expect(rig.zimbra.farewells > 0)
        }
    }

    @Test("rehearse")
    func rehearse() async throws {
        try await Self.run { rig in
            let report = try await RehearsalTests.run(rig.rig, target: try rig.target())
            #expect(
                report.isClean && report.accounts.map(\.verified) == Self.users.map { _ in 1 }, "\(report.accounts)")
            #expect(rig.zimbra.farewells == 0)
        }
    }

    @Test("replay, prove --live, and reconcile after a restore")
    func afterCutover() async throws {
        try await Self.run { rig in
            try await rig.rig.cutOver(Self.users.map { ReplayRig.mailbox($0) })
            let backup = try rig.rig.backUp()
            #expect(try await rig.replay().counts.delivered == Self.users.count)
            let proof = try await LiveProver(
                ledger: rig.rig.ledger, targets: ["t": try rig.target()], group: MultiThreadedEventLoopGroup.singleton
            ).prove(.all)
            #expect(proof.present == Self.users.count)

            let again = ZimbraRig(rig: try ReplayRig(rig.rig.server, restored: backup), zimbra: rig.zimbra)
            defer { again.rig.remove() }
            let report = try await again.engine().reconcile()
            #expect(report.problems.isEmpty && report.findings.map(\.adopted) == Self.users.map { _ in 1 })
            #expect(rig.zimbra.farewells == 0)
        }
    }
}
