import Ledger
import MailModel
import Replayer
import Spool
import TestKit
import Testing

@testable import Replayer

/// A running replay under orders, and before servers that cannot take so much.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct ThrottleTests {
    /// - Parameter lines: of 80 octets each, that every message has besides.
    private static func fill(_ rig: ReplayRig, mailboxes count: Int, lines: Int = 0) async throws
        -> [String: ReplayRig.Accepted]
    {
        let more = String(repeating: String(repeating: "x", count: 78) + "\r\n", count: lines)
        var messages: [String: ReplayRig.Accepted] = [:]
        for number in 0..<count {
            let user = "u\(number)@example.test"
            messages[user] = try await rig.accept(ReplayRig.text(number) + more, to: [user])
        }
        try await rig.cutOver(messages.keys.sorted().map { ReplayRig.mailbox($0) })
        return messages
    }

    @Test(
        "A number ordered while a replay runs is kept from the next batch on, lifted again, and nothing is lost by it")
    func whileItRuns() async throws {
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .delay(milliseconds: 15) }
            let messages = try await Self.fill(rig, mailboxes: 12)
            let engine = try rig.engine(port: proxy.port)
            try await FollowTests.following(engine) {
                try await FollowTests.until { engine.connectionsInUse == ["t": 4] }
                try await rig.journal.append([.throttled(Throttle(target: "t", connections: 1), why: "users complain")])
                try await FollowTests.until { engine.connectionsInUse == ["t": 1] }
                #expect(engine.connectionCeilings == ["t": 1])
                try await rig.journal.append([.throttled(Throttle(target: "t"), why: "")])
                try await FollowTests.until { engine.connectionCeilings == ["t": 4] }
                try await FollowTests.until { engine.progress.now.verified == messages.count }
            }
            for (user, message) in messages { try await rig.expectExactlyOnce([message], in: user) }
            try rig.expectProof(verified: messages.count)
            await proxy.close()
        }
    }

    @Test("An order stands after a restart: the next engine begins with it, and the Ledger says who gave it and why")
    func afterRestart() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.fill(rig, mailboxes: 3)
            let throttle = Throttle(target: "t", connections: 2, messagesPerSecond: 100_000, bytesPerSecond: 1 << 30)
            try await rig.journal.append([.throttled(throttle, why: "gently")])
            let engine = try rig.engine()
            _ = try await engine.replayOnce(ReplaySelection())
            #expect(engine.connectionCeilings == ["t": 2])
            let standing = try #require(try rig.ledger.throttles().first)
            #expect(standing.throttle == throttle && standing.by == "test" && standing.why == "gently")
            try rig.expectProof(verified: messages.count)
            try await rig.journal.append([.throttled(Throttle(target: "t"), why: "")])
            try rig.ledger.catchUp()
            #expect(try rig.ledger.throttles().isEmpty)
        }
    }

    @Test("A rate holds batches back; a pause is followed while one waits, and a lifted rate lets the rest go at once")
    func rate() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.fill(rig, mailboxes: 3, lines: 1_000)
            let ids = messages.keys.map { "id-" + $0 }
            try await rig.journal.append([.throttled(Throttle(target: "t", bytesPerSecond: 1), why: "")])
            let engine = try rig.engine()
            try await FollowTests.following(engine) {
                // The first goes; each of the others would have to wait for a day.
                try await FollowTests.until { engine.progress.now.verified == 1 && engine.connectionsInUse == ["t": 2] }
                try await rig.journal.append([.paused(mailboxIDs: ids, why: "")])
                try await FollowTests.until { engine.connectionsInUse.isEmpty }
                #expect(engine.progress.now.delivered == 1)
                try await rig.journal.append([
                    .throttled(Throttle(target: "t"), why: ""), .resumed(mailboxIDs: ids, why: ""),
                ])
                try await FollowTests.until { engine.progress.now.verified == messages.count }
            }
            try rig.expectProof(verified: messages.count)
        }
    }

    @Test("A Zimbra that says BYE to more than one connection gets fewer by itself, and everything is there once")
    func busyZimbra() async throws {
        var settings = ZimbraSettings()
        settings.maximumConnections = 1
        try await ZimbraRig.run(settings) { rig in
            let messages = try await Self.fill(rig.rig, mailboxes: 8)
            let engine = try rig.engine()
            let report = try await engine.replayOnce(ReplaySelection())
            #expect(report.held == 0 && report.failed == 0, "\(report.problems)")
            #expect(rig.zimbra.farewells > 0, "the server was never asked for too much")
            #expect(engine.connectionCeilings["t", default: 4] < 4)
            for (user, message) in messages { rig.expect([message], in: user) }
        }
    }

    @Test("Connections that break lower the number, and a target that is well again gets all of them")
    func brokenConnections() async throws {
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, login in
                login == 0 ? .cut(.toClient, octets: 0) : .none
            }
            let messages = try await Self.fill(rig, mailboxes: 6)
            let first = try rig.engine(port: proxy.port)
            _ = try await first.replayOnce(ReplaySelection())
            #expect(first.connectionCeilings["t", default: 4] < 4)

            let later = try await Self.fill(rig, mailboxes: 12)
            let second = try rig.engine(port: rig.dovecot.port, recovery: .zero)
            second.environment.ceilings.trouble("t", "a test")
            #expect(second.connectionCeilings == ["t": 2])
            _ = try await second.replayOnce(ReplaySelection())
            #expect(second.connectionCeilings == ["t": 4])
            try rig.expectProof(verified: messages.count + later.count)
            await proxy.close()
        }
    }

    @Test("An ordered number holds for whatever asks the target, and never raises what is configured")
    func targets() async throws {
        try await ReplayRig.run { rig in
            let targets = ["t": try rig.target(connections: 4)]
            func allowed() throws -> Int? {
                try rig.ledger.catchUp()
                return try targets.throttled(by: rig.ledger)["t"]?.connections
            }
            #expect(try allowed() == 4)
            try await rig.journal.append([.throttled(Throttle(target: "t", connections: 1), why: "")])
            #expect(try allowed() == 1)
            try await rig.journal.append([.throttled(Throttle(target: "t", connections: 9), why: "")])
            #expect(try allowed() == 4)
        }
    }
}
