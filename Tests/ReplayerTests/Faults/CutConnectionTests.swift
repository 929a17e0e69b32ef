import Foundation
import Ledger
import MailModel
import Replayer
import TestKit
import Testing

/// I05: the connection to a real Dovecot breaks at one place after the other, and every message is there once all the same.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .serialized, .timeLimit(.minutes(10)))
struct CutConnectionTests {
    private static let messages = 3

    /// Octets of the one APPEND command that every mailbox here gets: addresses and dates are all of one length.
    private static func measureAppend(_ rig: ReplayRig) async throws -> Int {
        let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .none }
        let (mailboxes, _) = try await fill(rig, users: ["u0000@example.test"])
        try await rig.cutOver(mailboxes)
        _ = try await rig.engine(port: proxy.port).replayOnce(ReplaySelection())
        await proxy.close()
        return proxy.appendOctets
    }

    private static func fill(_ rig: ReplayRig, users: [String]) async throws -> (
        [RosterMailbox], [String: [ReplayRig.Accepted]]
    ) {
        var accepted: [String: [ReplayRig.Accepted]] = [:]
        for number in 0..<messages {
            for user in users {
                accepted[user, default: []].append(try await rig.accept(ReplayRig.text(number), to: [user]))
            }
        }
        return (users.map { ReplayRig.mailbox($0) }, accepted)
    }

    /// Delivers into one mailbox per fault, the fault being that of the mailbox's first connection.
    private static func expectExactlyOnce(_ faults: (_ appendOctets: Int) -> [IMAPFault]) async throws {
        try await ReplayRig.run { rig in
            let octets = try await measureAppend(rig)
            #expect(octets > 600)
            let planned = faults(octets)
            let users = (1...planned.count).map { String(format: "u%04d@example.test", $0) }
            let byUser = Dictionary(uniqueKeysWithValues: zip(users, planned))
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { user, login in
                login == 0 ? byUser[user] ?? .none : .none
            }
            let (mailboxes, accepted) = try await fill(rig, users: users)
            try await rig.cutOver(mailboxes)
            let engine = try rig.engine(port: proxy.port, connections: 24, reply: .milliseconds(500))
            let report = try await engine.replayOnce(ReplaySelection())
            #expect(report.held == 0 && report.problems.isEmpty, "\(report.problems.prefix(3))")
            for user in users {
                try await rig.expectExactlyOnce(accepted[user] ?? [], in: user, "\(byUser[user] ?? .none)")
            }
            try rig.expectProof(verified: (users.count + 1) * messages)
            #expect(engine.progress.now.delivered == users.count * messages)
            #expect(engine.progress.now.verified == users.count * messages)
            await proxy.close()
        }
    }

    @Test(
        "A connection cut at any octet to the server, every one of them around the commit token, makes no copy too many or too few"
    )
    func cutToServer() async throws {
        try await Self.expectExactlyOnce { octets in
            let around = Array((octets - 45)...(octets + 45))
            return (Array(stride(from: 0, to: octets - 45, by: 17)) + around).map { .cut(.toServer, octets: $0) }
        }
    }

    @Test(
        "A connection cut at any octet of the answer to APPEND, and of the read-back, makes no copy too many or too few"
    )
    func cutToClient() async throws {
        try await Self.expectExactlyOnce { _ in
            (Array(0...90) + Array(stride(from: 100, to: 2400, by: 61))).map { .cut(.toClient, octets: $0) }
        }
    }

    @Test("A connection cut during greeting, login and EXAMINE is made again")
    func cutBeforeAppend() async throws {
        try await Self.expectExactlyOnce { _ in
            stride(from: 120, to: 1500, by: 40).map { .cut(.toClient, octets: $0, fromAppend: false) }
        }
    }

    @Test("A line that falls silent, in either direction, is given up, and every message is there once")
    func stall() async throws {
        try await Self.expectExactlyOnce { octets in
            let toServer = [0, 30, 200, octets - 4, octets - 3, octets - 2, octets - 1, octets, octets + 5]
            return toServer.map { .stall(.toServer, octets: $0) }
                + [0, 5, 40, 60, 200, 900].map { .stall(.toClient, octets: $0) }
        }
    }

    @Test(
        "A commit that reaches the server after the client has gone, within the settle time, is found and not repeated")
    func zombie() async throws {
        try await Self.expectExactlyOnce { octets in
            (1...8).map { .zombie(octets: octets - $0, afterMilliseconds: Int64(40 * $0)) }
        }
    }

    @Test("A sender who writes our header a thousand times cannot hide his message from the search for it")
    func manyHeadersOfOurName() async throws {
        try await ReplayRig.run { rig in
            let user = "u@example.test"
            // More than a literal may have to be kept whole.
            let lines = String(repeating: "X-Layover-Id: \(String(repeating: "0", count: 60))\r\n", count: 1500)
            let message = try await rig.accept("From: a@b.test\r\n" + lines + "\r\nbody\r\n", to: [user])
            try await rig.cutOver([ReplayRig.mailbox(user)])
            let proxy = try await IMAPFaultProxy(to: rig.server.port) { _, number in
                number == 0 ? .cut(.toClient, octets: 0) : .none
            }
            for _ in 0..<4 where try await rig.engine(port: proxy.port).replayOnce(ReplaySelection()).held > 0 {}
            await proxy.close()
            try await rig.expectExactlyOnce([message], in: user)
            try rig.expectProof(verified: 1)
        }
    }

    @Test("A slow line delivers everything once")
    func delay() async throws {
        try await Self.expectExactlyOnce { _ in [.delay(milliseconds: 30), .delay(milliseconds: 80)] }
    }
}
