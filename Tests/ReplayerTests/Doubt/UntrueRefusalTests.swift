import Ledger
import Logging
import MailModel
import NIOPosix
import Replayer
import Spool
import TestKit
import Testing

@testable import Replayer

/// A NO behind the commit token that is not the last word: a proxy has said it, and the server commits later.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct UntrueRefusalTests {
    static let user = "u@example.test"

    /// Octets of the APPEND of these messages, which depend on nothing but their number.
    private static func appendOctets(_ count: Int) async throws -> Int {
        var octets = 0
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.server.port) { _, _ in .none }
            _ = try await DoubtResolutionTests.setUp(rig, count: count)
            _ = try await rig.engine(port: proxy.port).replayOnce(ReplaySelection())
            octets = proxy.appendOctets
            await proxy.close()
        }
        return octets
    }

    private static func run(
        _ words: String, afterMilliseconds: Int64, settle: Duration, appends: Int = 1, count: Int = 3,
        _ test: (ReplayRig, [ReplayRig.Accepted], Int) async throws -> Void
    ) async throws {
        let octets = try await appendOctets(count)
        try await ReplayRig.run { rig in
            let messages = try await DoubtResolutionTests.setUp(rig, count: count)
            let proxy = try await IMAPFaultProxy(to: rig.server.port) { _, login in
                login == 0
                    ? .lyingRefusal(
                        octets: octets - 3, words: words, afterMilliseconds: afterMilliseconds, appends: appends)
                    : .none
            }
            for _ in 0..<4 {
                let report = try await rig.engine(port: proxy.port, settle: settle).replayOnce(ReplaySelection())
                if report.held == 0 { break }
            }
            await proxy.close()
            try await test(rig, messages, proxy.appendsBegun)
        }
    }

    @Test(
        "After a NO that names a failure of the server's own nothing goes again before the settle time is over",
        arguments: ["[UNAVAILABLE] backend is gone", "[INUSE] locked", "[SERVERBUG] Internal error occurred"])
    func waitedOut(words: String) async throws {
        try await Self.run(words, afterMilliseconds: 700, settle: .seconds(3)) { rig, messages, appends in
            try await rig.expectExactlyOnce(messages, in: Self.user)
            try rig.expectProof(verified: 3)
            #expect(appends == 1)
        }
    }

    @Test(
        "Second copies that come of a NO without a reason are looked for when the server has had its time, and counted")
    func counted() async throws {
        try await Self.run("APPEND failed", afterMilliseconds: 300, settle: .seconds(3), appends: 2) {
            rig, messages, _ in
            let found = try await rig.copies(Self.user)
            #expect(Set(found.compactMap(\.id)) == Set(messages.map(\.id)))
            try rig.expectProof(verified: 3, doubtful: found.count - 3)
            // The late token came behind the second APPEND: at least of what that one had there are two copies.
            #expect(found.count > 3)
        }
    }

    @Test("A run that ends before its look is due leaves it to the next one, which finds the second copies")
    func recalled() async throws {
        let octets = try await Self.appendOctets(3)
        try await ReplayRig.run { rig in
            let messages = try await DoubtResolutionTests.setUp(rig, count: 3)
            let proxy = try await IMAPFaultProxy(to: rig.server.port) { _, login in
                login == 0
                    ? .lyingRefusal(octets: octets - 3, words: "APPEND failed", afterMilliseconds: 4000, appends: 2)
                    : .none
            }
            let first = try rig.engine(port: proxy.port, settle: .seconds(8))
            async let ended = first.replayOnce(ReplaySelection())
            while first.progress.now.verified < 3 { try await Task.sleep(for: .milliseconds(20)) }
            first.stopSoon()
            #expect(try await ended.notLookedFor == 3)
            try rig.expectProof(verified: 3)

            // A run for another mailbox leaves this one alone.
            try await rig.cutOver([ReplayRig.mailbox("other@example.test")])
            let other = ReplaySelection(mailboxes: MailboxSelection(mailboxes: ["other@example.test"]))
            _ = try await rig.engine(port: proxy.port, settle: .seconds(8)).replayOnce(other)
            try rig.expectProof(verified: 3, doubtful: 0)

            let report = try await rig.engine(port: proxy.port, settle: .seconds(8)).replayOnce(ReplaySelection())
            await proxy.close()
            #expect(report.notLookedFor == 0)
            let found = try await rig.copies(Self.user)
            #expect(Set(found.compactMap(\.id)) == Set(messages.map(\.id)) && found.count > 3)
            try rig.expectProof(verified: 3, doubtful: found.count - 3)
        }
    }

    @Test("A look through the account takes the doubt from a message of which the second copy was removed")
    func cleared() async throws {
        try await Self.run("APPEND failed", afterMilliseconds: 300, settle: .seconds(3), appends: 2) {
            rig, messages, _ in
            let search = ["mailbox", "INBOX", "header", "X-Layover-Id", messages[0].id.description]
            let uids = String(decoding: try rig.dovecot.doveadm(["search", "-u", Self.user] + search), as: UTF8.self)
            let last = try #require(uids.split(separator: "\n").last?.split(separator: " ").last)
            try rig.dovecot.doveadm(["expunge", "-u", Self.user, "mailbox", "INBOX", "uid", String(last)])
            let proof = try await LiveProverTests.prove(rig)
            let before = try rig.ledger.prove().counts.doubtful
            #expect(proof.cleared == 1 && proof.doubles.count == before - 1)
            try await rig.journal.append(proof.acts)
            try rig.ledger.catchUp()
            try rig.expectProof(verified: 3, doubtful: before - 1)
        }
    }

    @Test(
        "What an earlier process has not looked for is looked for at its time, when that is over at once, and after an hour more by nobody",
        arguments: [(0, true, false), (200, true, true), (3800, false, false)])
    func recall(secondsLater: Int64, isKept: Bool, isDue: Bool) async throws {
        try await ReplayRig.run { rig in
            let messages = try await DoubtResolutionTests.setUp(rig, count: 1)
            try await DoubtResolutionTests.leaveIntent(rig, messages)
            let batch = try #require(try rig.openBatch())
            try await rig.journal.append([.notAppended(batch: batch, ids: messages.map(\.id), reason: "NO")])
            try rig.ledger.catchUp()
            let engine = ReplayEngine(
                ledger: rig.ledger, journal: rig.journal, targets: ["t": try rig.target(settle: .seconds(100))],
                group: MultiThreadedEventLoopGroup.singleton,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                clock: { Timestamp.now().adding(milliseconds: secondsLater * 1000) })
            try await engine.recallLateLooks(.all)
            let looks = engine.environment.lateLooks
            #expect(looks.mailboxes == (isKept ? ["id-" + Self.user] : []))
            #expect(looks.due == (isDue ? ["id-" + Self.user] : []))
        }
    }

    @Test("A look that the server refuses is given up, and the turn comes to its end")
    func refusedLook() async throws {
        try await ReplayRig.run { rig in
            let messages = try await DoubtResolutionTests.setUp(rig, count: 1)
            try await DoubtResolutionTests.leaveIntent(rig, messages)
            let batch = try #require(try rig.openBatch())
            try await rig.journal.append([.notAppended(batch: batch, ids: messages.map(\.id), reason: "NO")])
            let server = try await AnsweringIMAPServer { $0 == "EXAMINE" ? ["TAG NO it is being mended"] : [] }
            let engine = try rig.engine(port: server.port, settle: .zero)
            let report = try await engine.replayOnce(ReplaySelection())
            #expect(report.counts.delivered == 0 && report.problems.count == 1, "\(report.problems)")
            #expect(engine.environment.lateLooks.mailboxes.isEmpty && server.count("EXAMINE") > 0)
            try rig.expectProof(verified: 0, held: 1)
            await server.close()
        }
    }
}
