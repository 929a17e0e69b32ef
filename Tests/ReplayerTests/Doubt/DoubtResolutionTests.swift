import IMAPProtocol
import Ledger
import Logging
import MailModel
import NIOPosix
import Replayer
import Spool
import TestKit
import Testing

@testable import Replayer

/// I06, I07: a replay that was killed has left an intent and nothing behind it; the next one finds out what happened.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct DoubtResolutionTests {
    static let user = "u@example.test"

    /// The journal of a replay that was killed after it had made the intent for `messages` durable.
    static func leaveIntent(
        _ rig: ReplayRig, _ messages: [ReplayRig.Accepted], login: String = user, target: String = "t",
        folder: String = "INBOX", uidValidity: UInt32? = nil,
        uidNext: UInt32? = nil
    ) async throws {
        let session = try await rig.connect(login)
        let box = try await session.examine(.inbox)
        await session.logout()
        let entries = messages.map { message in
            let copy = message.copy(for: user)
            return AppendIntent.Entry(
                id: message.id, recipient: user, merged: [],
                head: HeadLines.bytes(sender: message.sender, recipient: user, id: message.id),
                length: copy.count, digest: SHA256Hasher.digest(copy))
        }
        try await rig.journal.append([
            .intent(
                AppendIntent(
                    batch: BatchIDs().next(.now()), mailboxID: "id-" + user, target: target, login: login,
                    folder: folder,
                    uidValidity: uidValidity ?? box.uidValidity.number, uidNext: uidNext ?? box.uidNext?.number ?? 1,
                    entries: entries))
        ])
    }

    static func setUp(_ rig: ReplayRig, count: Int = 3, mailbox: RosterMailbox = ReplayRig.mailbox(user)) async throws
        -> [ReplayRig.Accepted]
    {
        var messages: [ReplayRig.Accepted] = []
        for number in 0..<count { messages.append(try await rig.accept(ReplayRig.text(number), to: [user])) }
        try await rig.cutOver([mailbox])
        return messages
    }

    @Test(
        "An intent whose messages never came to the mailbox is taken back after the settle time, and delivered in order"
    )
    func notThere() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig)
            try await Self.leaveIntent(rig, Array(messages[..<2]))
            let start = ContinuousClock.now
            _ = try await rig.engine().replayOnce(ReplaySelection())
            #expect(ContinuousClock.now - start >= .seconds(1), "the server was not given its time")
            try await rig.expectExactlyOnce(messages, in: Self.user)
            try rig.expectProof(verified: 3)
        }
    }

    @Test(
        "Messages that appear after their intent was taken back are adopted, not appended again, also where a late look adopts them right before",
        arguments: [false, true])
    func appearLate(isLookedFor: Bool) async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig)
            try await Self.leaveIntent(rig, Array(messages[..<2]))
            // The server was killed in the middle of its commit, and mends its index only now.
            let batch = try #require(try rig.openBatch())
            try await rig.journal.append([
                .notAppended(batch: batch, ids: messages[..<2].map(\.id), reason: "not in the mailbox")
            ])
            for message in messages[..<2] { try await rig.put(message.copy(for: Self.user), into: Self.user) }
            let engine = try rig.engine()
            if isLookedFor {
                let ids = messages[..<2].map(\.id)
                engine.environment.lateLooks.add("id-" + Self.user, .inbox, ids, after: .zero)
            }
            let report = try await engine.replayOnce(ReplaySelection())
            #expect(report.counts.delivered == 3 && report.counts.verified == 3 && report.counts.doubtful == 0)
            try await rig.expectExactlyOnce(messages, in: Self.user)
            try rig.expectProof(verified: 3)
        }
    }

    @Test("A copy is counted once where both an open intent and a late look of an earlier attempt can claim it")
    func claimedOnce() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig, count: 1)
            try await Self.leaveIntent(rig, messages)
            let first = try #require(try rig.openBatch())
            try await rig.journal.append([.notAppended(batch: first, ids: messages.map(\.id), reason: "NO")])
            try await Self.leaveIntent(rig, messages)
            try await rig.put(messages[0].copy(for: Self.user), into: Self.user)
            let engine = try rig.engine()
            engine.environment.lateLooks.add("id-" + Self.user, .inbox, messages.map(\.id), after: .zero)
            let report = try await engine.replayOnce(ReplaySelection())
            #expect((report.counts.delivered, report.counts.verified, report.counts.doubtful) == (1, 1, 0))
            try await rig.expectExactlyOnce(messages, in: Self.user)
            try rig.expectProof(verified: 1)
        }
    }

    @Test(
        "A batch in doubt in an account that is gone, or whose server is, is named, with the way out; given up, it is delivered and doubtful",
        arguments: [false, true])
    func goneAccount(isServerGone: Bool) async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig)
            try await Self.leaveIntent(rig, messages, target: "old")
            let old = try rig.target(
                name: "old", port: isServerGone ? 1 : nil, password: isServerGone ? nil : "wrong")
            let engine = ReplayEngine(
                ledger: rig.ledger, journal: rig.journal,
                targets: ["t": try rig.target(), "old": old],
                group: MultiThreadedEventLoopGroup.singleton,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let report = try await engine.replayOnce(ReplaySelection())
            let words = try #require(report.problems.first).error.message
            #expect(
                words.contains("account \(Self.user) of old") && words.contains("--give-up-old-account"), "\(words)")
            #expect(report.counts.delivered == 0)

            let batch = try #require(try rig.openBatch())
            let ids = messages.map(\.id)
            try await rig.journal.append([
                .doubtful(mailboxID: "id-" + Self.user, ids: ids, text: "given up"),
                .notAppended(batch: batch, ids: ids, reason: "given up"),
            ])
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try rig.expectProof(verified: 3, doubtful: 3)
        }
    }

    @Test("An intent whose messages are there is adopted without waiting, and verified")
    func there() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig)
            try await Self.leaveIntent(rig, Array(messages[..<2]))
            for message in messages[..<2] { try await rig.put(message.copy(for: Self.user), into: Self.user) }
            let report = try await rig.engine(settle: .seconds(600)).replayOnce(ReplaySelection())
            #expect(report.counts.delivered == 3 && report.counts.verified == 3 && report.counts.doubtful == 0)
            try await rig.expectExactlyOnce(messages, in: Self.user)
            try rig.expectProof(verified: 3)
        }
    }

    @Test("Of a batch that a server stored in part, only what is missing is appended")
    func partlyThere() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig)
            try await Self.leaveIntent(rig, messages)
            try await rig.put(messages[1].copy(for: Self.user), into: Self.user)
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try await rig.expectExactlyOnce(messages, in: Self.user, ordered: false)
            try rig.expectProof(verified: 3)
        }
    }

    @Test("Somebody else's mail in the range does not stand for ours")
    func othersMail() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig, count: 1)
            try await Self.leaveIntent(rig, messages)
            try await rig.put(Array("Subject: somebody else's\r\n\r\nx\r\n".utf8), into: Self.user)
            _ = try await rig.engine().replayOnce(ReplaySelection())
            #expect(try await rig.copies(Self.user).count == 2)
            try rig.expectProof(verified: 1)
        }
    }

    @Test("A message that carries our trace and is not what was appended is never taken for delivered")
    func forged() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig)
            try await Self.leaveIntent(rig, messages)
            let forged = Array("X-Layover-Id: \(messages[1].id)\r\nSubject: pay here\r\n\r\nforged\r\n".utf8)
            try await rig.put(forged, into: Self.user)
            let report = try await rig.engine().replayOnce(ReplaySelection())
            #expect(report.counts.doubtful == 1)
            let found = try await rig.copies(Self.user).map(\.digest)
            let expected = messages.map { SHA256Hasher.digest($0.copy(for: Self.user)) }
            #expect(found == [SHA256Hasher.digest(forged)] + expected)
            try rig.expectProof(verified: 3, doubtful: 1)
        }
    }

    @Test("A forged trace before the true copy does not hide it")
    func forgedFirst() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig, count: 1)
            try await Self.leaveIntent(rig, messages)
            try await rig.put(Array("X-Layover-Id: \(messages[0].id)\r\n\r\nforged\r\n".utf8), into: Self.user)
            try await rig.put(messages[0].copy(for: Self.user), into: Self.user)
            _ = try await rig.engine(settle: .seconds(600)).replayOnce(ReplaySelection())
            #expect(try await rig.copies(Self.user).count == 2)
            try rig.expectProof(verified: 1)
        }
    }

    @Test("Two true copies are adopted as one delivery and reported")
    func twice() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig, count: 1)
            try await Self.leaveIntent(rig, messages)
            for _ in 0..<2 { try await rig.put(messages[0].copy(for: Self.user), into: Self.user) }
            _ = try await rig.engine().replayOnce(ReplaySelection())
            #expect(try await rig.copies(Self.user).count == 2)
            try rig.expectProof(verified: 1, doubtful: 1)
        }
    }

    @Test("A copy that was moved into another folder before it was looked for is found there")
    func moved() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig, count: 2)
            try await Self.leaveIntent(rig, messages)
            for message in messages { try await rig.put(message.copy(for: Self.user), into: Self.user) }
            let other = try await rig.connect(Self.user)
            try await other.create(MailboxName("Archive"))
            await other.logout()
            try rig.dovecot.doveadm([
                "move", "-u", Self.user, "Archive", "mailbox", "INBOX", "header", "X-Layover-Id", "\(messages[0].id)",
            ])
            _ = try await rig.engine().replayOnce(ReplaySelection())
            #expect(try await rig.copies(Self.user).map(\.id) == [messages[1].id])
            #expect(try await rig.copies(Self.user, "Archive").map(\.id) == [messages[0].id])
            try rig.expectProof(verified: 2)
        }
    }

    @Test("A copy that somebody deleted before it was looked for is appended again, and counted as doubtful")
    func deleted() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig, count: 1)
            try await Self.leaveIntent(rig, messages)
            try await rig.put(messages[0].copy(for: Self.user), into: Self.user)
            try rig.dovecot.doveadm(["expunge", "-u", Self.user, "mailbox", "INBOX", "all"])
            let report = try await rig.engine().replayOnce(ReplaySelection())
            #expect(report.counts.doubtful == 1)
            try await rig.expectExactlyOnce(messages, in: Self.user)
            try rig.expectProof(verified: 1, doubtful: 1)
        }
    }

    @Test("After UIDVALIDITY has changed the whole folder is searched")
    func otherValidity() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig, count: 2)
            try await rig.put(messages[0].copy(for: Self.user), into: Self.user)
            try await Self.leaveIntent(rig, messages, uidValidity: 7)
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try await rig.expectExactlyOnce(messages, in: Self.user)
            // The second may have been there: it is not known what became of the folder.
            try rig.expectProof(verified: 2, doubtful: 1)
        }
    }

    @Test("A UIDNEXT that has fallen means another folder: it is searched from its beginning")
    func uidNextFell() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig, count: 1)
            try await rig.put(messages[0].copy(for: Self.user), into: Self.user)
            try await Self.leaveIntent(rig, messages, uidNext: 500)
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try await rig.expectExactlyOnce(messages, in: Self.user)
            try rig.expectProof(verified: 1)
        }
    }

    @Test("A batch is looked for in the mailbox and folder of its intent, whatever the roster says now")
    func rosterChanged() async throws {
        try await ReplayRig.run { rig in
            let moved = ReplayRig.mailbox(Self.user, login: "new@example.test", folder: "Inbox.new")
            let messages = try await Self.setUp(rig, count: 3, mailbox: moved)
            try await Self.leaveIntent(rig, Array(messages[..<2]), login: "old@example.test")
            try await rig.put(messages[0].copy(for: Self.user), into: "old@example.test")
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try await rig.expectExactlyOnce([messages[0]], in: Self.user, login: "old@example.test")
            try await rig.expectExactlyOnce(
                Array(messages[1...]), in: Self.user, login: "new@example.test", folder: "Inbox.new")
            try rig.expectProof(verified: 3)
        }
    }

    @Test("Nothing is decided in a mailbox whose lock somebody else holds")
    func locked() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.setUp(rig, count: 1)
            let lock = try SpoolLock.acquire(
                layout: rig.layout, name: .mailbox(target: "t", login: Self.user), wait: false)
            let engine = try rig.engine()
            async let report = engine.replayOnce(ReplaySelection())
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await rig.copies(Self.user).isEmpty)
            lock?.release()
            #expect(try await report.counts.delivered == 1)
            try await rig.expectExactlyOnce(messages, in: Self.user)
        }
    }

    @Test("Two replays at once deliver each message once")
    func twoReplays() async throws {
        try await ReplayRig.run { rig in
            var all: [String: [ReplayRig.Accepted]] = [:]
            let users = (0..<6).map { "v\($0)@example.test" }
            for number in 0..<40 {
                for user in users {
                    all[user, default: []].append(try await rig.accept(ReplayRig.text(number), to: [user]))
                }
            }
            try await rig.cutOver(users.map { ReplayRig.mailbox($0) })
            let engines = [try rig.engine(), try rig.engine()]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for engine in engines { group.addTask { _ = try await engine.replayOnce(ReplaySelection()) } }
                try await group.waitForAll()
            }
            for user in users { try await rig.expectExactlyOnce(all[user] ?? [], in: user) }
            try rig.expectProof(verified: 240)
        }
    }
}
