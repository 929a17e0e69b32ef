import Ledger
import MailModel
import Replayer
import Spool
import TestKit
import Testing

/// The follower.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct FollowTests {
    static let user = "u@example.test"

    /// Runs a follower beside a test, and ends it.
    static func following(_ engine: ReplayEngine, _ test: () async throws -> Void) async throws {
        let follower = Task { try await engine.follow() }
        do {
            try await test()
        } catch {
            follower.cancel()
            throw error
        }
        engine.stopSoon()
        try await follower.value
    }

    static func until(_ condition: () throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while try !condition() {
            guard ContinuousClock.now < end else {
                Issue.record("it did not come about in 30 s")
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test(
        "New mail of a cut-over mailbox is delivered behind what was held, in order, and the follower ends when asked")
    func newMail() async throws {
        try await ReplayRig.run { rig in
            var messages = [try await rig.accept(ReplayRig.text(0), to: [Self.user])]
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let engine = try rig.engine()
            try await Self.following(engine) {
                for number in 1..<6 {
                    try await Self.until { engine.progress.now.verified == number }
                    messages.append(try await rig.accept(ReplayRig.text(number), to: [Self.user]))
                }
                try await Self.until { engine.progress.now.verified == 6 }
            }
            try await rig.expectExactlyOnce(messages, in: Self.user)
            try rig.expectProof(verified: 6)
        }
    }

    @Test("Mail that comes while held mail is being delivered goes behind it, in the order of arrival")
    func behindHeld() async throws {
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .delay(milliseconds: 10) }
            var messages: [ReplayRig.Accepted] = []
            for number in 0..<250 {
                messages.append(try await rig.accept(ReplayRig.text(number, octets: 2000), to: [Self.user]))
            }
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let engine = try rig.engine(port: proxy.port)
            try await Self.following(engine) {
                try await Self.until { proxy.appendsBegun > 0 }
                for number in 250..<330 {
                    messages.append(try await rig.accept(ReplayRig.text(number), to: [Self.user]))
                }
                try await Self.until { engine.progress.now.verified == messages.count }
            }
            try await rig.expectExactlyOnce(messages, in: Self.user)
            try rig.expectProof(verified: messages.count)
            await proxy.close()
        }
    }

    @Test("A cutover that was scheduled begins at its time, without being asked again")
    func scheduled() async throws {
        try await ReplayRig.run { rig in
            let message = try await rig.accept(ReplayRig.text(0), to: [Self.user])
            let at = Timestamp.now().adding(milliseconds: 1500)
            try await rig.cutOver([ReplayRig.mailbox(Self.user)], at: at)
            let engine = try rig.engine()
            try await Self.following(engine) { try await Self.until { engine.progress.now.verified == 1 } }
            let delivered = try rig.ledger.audit(AuditFilter()).first?.deliveredAt
            #expect(delivered.map { $0 >= at } ?? false)
            try await rig.expectExactlyOnce([message], in: Self.user)
        }
    }

    @Test("A copy that its owner deleted before it was compared does not make the follower log in again and again")
    func unverifiable() async throws {
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .none }
            let messages = try await DoubtResolutionTests.setUp(rig, count: 1)
            try await DoubtResolutionTests.leaveIntent(rig, messages)
            try await rig.put(messages[0].copy(for: Self.user), into: Self.user)
            let batch = try #require(try rig.openBatch())
            try await rig.journal.append([
                .delivered(
                    batch: batch, uidValidity: try await rig.validity(Self.user),
                    copies: [DeliveredCopy(id: messages[0].id, uid: 1)])
            ])
            try rig.dovecot.doveadm(["expunge", "-u", Self.user, "mailbox", "INBOX", "all"])
            let engine = try rig.engine(port: proxy.port)
            try await Self.following(engine) {
                try await Self.until { engine.progress.now.doubtful == 1 }
                // Three of the follower's looks at what is due.
                try await Task.sleep(for: .seconds(3))
            }
            #expect(proxy.logins == [Self.user: 1])
            #expect(engine.progress.now.doubtful == 1)
            try rig.expectProof(verified: 0, doubtful: 1, delivered: 1)
            await proxy.close()
        }
    }

    @Test("A server that loses every answer is given up after some waits, and not asked for ever")
    func neverAnswers() async throws {
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .cut(.toServer, octets: 40) }
            try await rig.accept(ReplayRig.text(0), to: [Self.user])
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let report = try await rig.engine(port: proxy.port).replayOnce(ReplaySelection())
            #expect(report.failed == 1 || report.problems.count == 1)
            #expect(proxy.logins[Self.user, default: 0] <= 10)
            #expect(try await rig.copies(Self.user).isEmpty)
            await proxy.close()
        }
    }

    @Test("A NO without a reason does not keep new mail from coming while the settle time runs")
    func afterRefusal() async throws {
        var settings = ZimbraSettings()
        settings.disabledCapabilities = ["MULTIAPPEND"]
        try await ZimbraRig.run(settings) { site in
            _ = try await site.accept(2)
            site.zimbra.plan([nil, .refuses], for: ZimbraRig.user)
            let engine = try site.engine(settle: .seconds(600))
            try await Self.following(engine) {
                try await Self.until { engine.progress.now.verified == 2 }
                try await site.rig.accept(ReplayRig.text(9), to: [ZimbraRig.user])
                try await Self.until { engine.progress.now.verified == 3 }
            }
        }
    }
}
