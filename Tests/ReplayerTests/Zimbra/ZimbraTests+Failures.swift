import IMAPProtocol
import Ledger
import MailModel
import Spool
import Synchronization
import TestKit
import Testing

@testable import Replayer

/// Servers that fail, lag, forget or commit in their own time.
extension ZimbraTests {
    @Test(
        "A server that commits message after message, each after a lock of its own, has its time from the last one seen"
    )
    func slowCommit() async throws {
        try await ZimbraRig.run { site in
            let messages = try await site.accept(8)
            // The last comes 4 s after the token, with a settle time of 2 s.
            site.zimbra.plan([.slowZombie(milliseconds: 500)], for: ZimbraRig.user)
            for _ in 0..<6 where try await site.replay(settle: .seconds(2), reply: .seconds(1)).held > 0 {}
            site.expect(messages, ordered: false)
            let proof = try site.rig.ledger.prove()
            #expect(proof.isBalanced && proof.counts.verified == 8)
        }
    }

    @Test(
        "A message at which the server always fails is parked when others go, however often it says that the fault is its own"
    )
    func serverBug() async throws {
        var settings = ZimbraSettings()
        settings.refusal = { bytes in
            bytes.firstRange(of: Array("message 1\r\n".utf8)) == nil ? nil : "NO [SERVERBUG] Internal error occurred"
        }
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(4)
            try await Self.retrying(site, times: 8)
            site.expect([messages[0], messages[2], messages[3]])
            let reasons = try site.rig.ledger.parkedReasons(mailboxID: "id-" + ZimbraRig.user)
            #expect(reasons.map(\.errorClass) == ["server-bug"] && reasons.first?.words.contains("Internal") == true)
            try site.rig.expectProof(verified: 3, failed: 1)
        }
    }

    /// A follower, and a person who wants the mailbox tried at once each time that it is blocked.
    private static func retrying(_ site: ZimbraRig, times: Int) async throws {
        let engine = try site.engine(settle: .milliseconds(20))
        func status() throws -> MailboxStatus {
            try site.rig.ledger.catchUp()
            return try site.rig.ledger.mailbox(named: ZimbraRig.user)
        }
        try await FollowTests.following(engine) {
            for number in 0..<times {
                try await FollowTests.until { try status().block != nil || status().counts.held == 0 }
                guard try status().counts.held > 0, number < times - 1 else { break }
                try await site.rig.journal.append([.retried(mailboxID: "id-" + ZimbraRig.user, ids: [], why: "")])
            }
        }
    }

    @Test("Two messages at which the server always fails, in a row, are parked in the end, and those behind them go")
    func twoServerBugs() async throws {
        var settings = ZimbraSettings()
        settings.refusal = { bytes in
            let isBad = ["message 1\r\n", "message 2\r\n"].contains { bytes.firstRange(of: Array($0.utf8)) != nil }
            return isBad ? "NO [SERVERBUG] Internal error occurred" : nil
        }
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(5)
            // Longer than a run takes: each attempt is a run of its own.
            let report = try await site.replay(settle: .milliseconds(300))
            #expect(report.failed == 2, "\(report.problems)")
            site.expect([messages[0], messages[3], messages[4]])
            try site.rig.expectProof(verified: 3, failed: 2)
        }
    }

    @Test("A failure of the server's own that passes parks nothing, however often it was tried")
    func passingServerBug() async throws {
        var settings = ZimbraSettings()
        let refusals = Mutex(9)
        settings.refusal = { _ in
            refusals.withLock { left in
                left -= 1
                return left >= 0 ? "NO [SERVERBUG] Internal error occurred" : nil
            }
        }
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(4)
            for _ in 0..<4 where try await site.replay(settle: .milliseconds(20)).held > 0 {}
            site.expect(messages, ordered: false)
            try site.rig.expectProof(verified: 4)
        }
    }

    @Test("A server that fails at every message blocks its mailbox and parks nothing")
    func alwaysServerBug() async throws {
        var settings = ZimbraSettings()
        settings.refusal = { _ in "NO [SERVERBUG] Internal error occurred" }
        try await ZimbraRig.run(settings) { site in
            _ = try await site.accept(2)
            try await Self.retrying(site, times: 6)
            #expect(try site.rig.ledger.mailbox(named: ZimbraRig.user).block?.errorClass == "unavailable")
            try site.rig.expectProof(verified: 0, held: 2)
        }
    }

    @Test(
        "A message of which FETCH leaves the items out is delivered and not verified, and counted; the others are compared"
    )
    func truncatedFetch() async throws {
        var settings = ZimbraSettings()
        settings.failsToFetch = { $0.firstRange(of: Array("message 2\r\n".utf8)) != nil }
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(5)
            _ = try await site.replay()
            site.expect(messages)
            try site.rig.expectProof(verified: 4, doubtful: 1, delivered: 5)
        }
    }

    @Test(
        "After a restore a folder of which FETCH does not tell all leaves the mailbox shut, until a person leaves it out"
    )
    func truncatedReconcile() async throws {
        var settings = ZimbraSettings()
        settings.failsToFetch = { $0.firstRange(of: Array("message 2\r\n".utf8)) != nil }
        try await ZimbraRig.run(settings) { site in
            _ = try await site.accept(3)
            _ = try await site.replay()
            try await site.rig.journal.append([.restored(what: "", why: "a copy")])
            let refused = try await site.engine().reconcile()
            #expect(refused.findings.isEmpty && refused.problems.map(\.error.code) == [.notWhole])
            #expect(refused.problems.allSatisfy { $0.error.message.contains("'INBOX'") })
            #expect(try await site.replay().unreconciled.map(\.address) == [ZimbraRig.user])
            let report = try await site.engine().reconcile(withoutFolders: ["INBOX"])
            #expect(report.problems.isEmpty && report.findings.map(\.closedFolders) == [["INBOX"]])
            #expect(try await site.replay().unreconciled.isEmpty)
        }
    }

    @Test("A message that was stored and that FETCH cannot tell of is sent again after a lost answer, and counted")
    func untoldInDoubt() async throws {
        var settings = ZimbraSettings()
        settings.failsToFetch = { $0.firstRange(of: Array("message 1\r\n".utf8)) != nil }
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(2)
            site.zimbra.plan([.losesOK], for: ZimbraRig.user)
            for _ in 0..<4 where try await site.replay(settle: .seconds(1), reply: .seconds(2)).held > 0 {}
            let copies = site.zimbra.messages(ZimbraRig.user).count
            let counts = try site.rig.ledger.prove().counts
            #expect(counts.delivered == messages.count && counts.held == 0)
            #expect(copies == messages.count || counts.doubtful > 0, "\(copies) copies, \(counts)")
            #expect(copies > messages.count)
        }
    }

    @Test(
        "An account that was removed and made anew under the same UIDVALIDITY: what is not there is sent again, and counted"
    )
    func recreated() async throws {
        try await ZimbraRig.run { site in
            let messages = try await site.accept(3)
            site.zimbra.plan([.losesOK], for: ZimbraRig.user)
            async let first = site.replay(settle: .seconds(1), reply: .seconds(2))
            try await site.untilStored(3)
            site.zimbra.recreate(ZimbraRig.user)
            _ = try await first
            for _ in 0..<4 where try await site.replay().held > 0 {}
            site.expect(messages, ordered: false)
            #expect(try site.rig.ledger.prove().isBalanced)
        }
    }

    @Test("What a server has taken and shows only later is waited for, not sent again")
    func lagging() async throws {
        var settings = ZimbraSettings()
        settings.lagMilliseconds = 700
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(5)
            let report = try await site.replay(settle: .seconds(3))
            #expect(report.problems.isEmpty, "\(report.problems)")
            site.expect(messages)
            try site.rig.expectProof(verified: 5)
        }
    }

    @Test("A connection that the server ends for being idle in a pause is made again")
    func idle() async throws {
        var settings = ZimbraSettings()
        settings.disabledCapabilities = ["MULTIAPPEND"]
        settings.idleMilliseconds = 100
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(3)
            site.zimbra.plan([nil, .refuses], for: ZimbraRig.user)
            let engine = try site.engine(pausesAfterRefusal: [.milliseconds(400)])
            _ = try await engine.replayOnce(ReplaySelection())
            site.expect(messages)
            #expect(site.zimbra.farewells >= 1)
            try site.rig.expectProof(verified: 3)
        }
    }

    @Test(
        "What was parked for a NO without a reason and appears all the same is adopted when the server has had its time"
    )
    func parkedAndThere() async throws {
        var settings = ZimbraSettings()
        settings.disabledCapabilities = ["MULTIAPPEND"]
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(3)
            site.zimbra.plan([nil, .refuses, .refuses, .refuses], for: ZimbraRig.user)
            async let report = site.replay(settle: .seconds(4))
            try await FollowTests.until {
                try site.rig.ledger.catchUp()
                return try site.rig.ledger.mailbox(named: ZimbraRig.user).counts.failed == 1
            }
            // The server behind the one that said NO has kept it.
            let (port, copy) = (site.zimbra.port, messages[1].copy(for: ZimbraRig.user))
            try await onThreadOfItsOwn {
                let reader = try MailboxReader(port: port, user: ZimbraRig.user, password: "test")
                _ = try reader.answer(
                    to: "APPEND INBOX {\(copy.count)+}\r\n" + String(decoding: copy, as: UTF8.self))
            }
            #expect(try await report.failed == 0)
            site.expect(messages, ordered: false)
            try site.rig.expectProof(verified: 3)
        }
    }

    @Test("A late look for what was parked leaves alone what was delivered and its reader has filed since")
    func parkedBesideFiled() async throws {
        var settings = ZimbraSettings()
        settings.disabledCapabilities = ["MULTIAPPEND"]
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(3)
            site.zimbra.plan([.refuses, nil, .refuses, .refuses, .refuses], for: ZimbraRig.user)
            #expect(try await site.replay(settle: .milliseconds(50)).failed == 1)
            site.zimbra.move(ZimbraRig.user, at: 0, to: "Trash")
            // Both were refused within a moment: one look is for both.
            let engine = try site.engine(settle: .milliseconds(50))
            let status = try site.rig.ledger.mailbox(named: ZimbraRig.user)
            engine.environment.lateLooks.add(
                status.mailbox.id, .inbox, messages[..<2].map(\.id), after: .zero)
            _ = try await engine.mailboxReplay(status).get().run()
            #expect(engine.progress.now.delivered == 0 && engine.environment.lateLooks.mailboxes.isEmpty)
            site.expect([messages[0]], folder: "Trash")
            site.expect([messages[2]])
            try site.rig.expectProof(verified: 2, failed: 1)
        }
    }
}
