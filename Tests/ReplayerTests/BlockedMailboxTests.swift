import Ledger
import MailModel
import Spool
import TestKit
import Testing

@testable import Replayer

/// What can take nothing is told in the journal; a person's `retry` takes it up at once.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct BlockedMailboxTests {
    static let user = "u@example.test"

    private func status(_ rig: ReplayRig, _ user: String = user) throws -> MailboxStatus {
        try rig.ledger.catchUp()
        return try rig.ledger.mailbox(named: user)
    }

    @Test(
        "A full mailbox is blocked until a person retries; a follower then tries it at once, not after a quarter of an hour"
    )
    func account() async throws {
        try await ReplayRig.run(settings: ThrowawayDovecot.quota(bytes: 20_000)) { rig in
            let message = try await rig.accept(ReplayRig.text(1, octets: 15_000), to: [Self.user])
            try await rig.put(Array(ReplayRig.text(99, octets: 12_000).utf8), into: Self.user)
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let engine = try rig.engine()
            try await FollowTests.following(engine) {
                try await FollowTests.until { try status(rig).block?.errorClass == "over-quota" }
                #expect(try status(rig).block?.text.contains("uota") == true)
                try rig.dovecot.doveadm(["expunge", "-u", Self.user, "mailbox", "INBOX", "all"])
                try await rig.journal.append([.retried(mailboxID: "id-" + Self.user, ids: [], why: "tidied up")])
                try await FollowTests.until { engine.progress.now.verified == 1 }
            }
            #expect(try status(rig).block == nil)
            try await rig.expectExactlyOnce([message], in: Self.user)
            let acts = try rig.ledger.history(mailboxID: "id-" + Self.user).map(\.kind)
            #expect(acts.filter { $0 == "blocked" }.count == 1, "\(acts)")
        }
    }

    @Test("A parked message is taken up by a follower as soon as a person retries it")
    func message() async throws {
        try await ReplayRig.run(settings: ThrowawayDovecot.quota(bytes: 1_000_000, largestMessage: 100_000)) { rig in
            let message = try await rig.accept(ReplayRig.text(1, octets: 200_000), to: [Self.user])
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let engine = try rig.engine()
            try await FollowTests.following(engine) {
                try await FollowTests.until { try status(rig).counts.failed == 1 }
                let reason = try #require(try rig.ledger.parkedReasons(mailboxID: "id-" + Self.user).first)
                #expect(reason.errorClass == "too-big" && reason.count == 1 && !reason.words.isEmpty)
                let id = "id-" + Self.user
                try await rig.journal.append([.retried(mailboxID: id, ids: [message.id], why: "tried again")])
                // It is refused once more: what matters is that it was tried.
                try await FollowTests.until {
                    try rig.ledger.history(mailboxID: id).filter { $0.kind == "failed" }.count == 2
                }
            }
            try rig.expectProof(verified: 0, failed: 1)
        }
    }

    @Test("A target that is down blocks its mailboxes, and those are free again when it is back")
    func target() async throws {
        try await ReplayRig.run { rig in
            let users = [Self.user, "v@example.test"]
            for user in users { try await rig.accept(ReplayRig.text(1), to: [user]) }
            try await rig.cutOver(users.map { ReplayRig.mailbox($0) })
            rig.dovecot.stop()
            _ = try await rig.engine().replayOnce(ReplaySelection())
            for user in users { #expect(try status(rig, user).block?.errorClass == "unavailable") }
            try rig.dovecot.start()
            _ = try await rig.engine().replayOnce(ReplaySelection())
            for user in users { #expect(try status(rig, user).block == nil) }
            try rig.expectProof(verified: 2)
        }
    }
}
