import Foundation
import Ledger
import MailModel
import TestKit
import Testing

@testable import Replayer

extension RealServerTests {
    /// The connection to Cyrus and Courier breaks at one octet after the other around the commit token, and every message is there once.
    @Suite(
        .enabled(if: ServerPackages.obstacle == nil, "\(ServerPackages.obstacle ?? "")"), .serialized,
        .timeLimit(.minutes(10)))
    struct ServerFaultTests {
        private static let messages = 3

        private static func fill(_ rig: ReplayRig, _ users: [String]) async throws -> [String: [ReplayRig.Accepted]] {
            var accepted: [String: [ReplayRig.Accepted]] = [:]
            for number in 0..<messages {
                for user in users {
                    accepted[user, default: []].append(try await rig.accept(ReplayRig.text(number), to: [user]))
                }
            }
            try await rig.cutOver(users.map { ReplayRig.mailbox($0) })
            return accepted
        }

        @Test(
            "Cut to the server, cut in the answer, fallen silent, or come too late: one copy each",
            arguments: TestServer.others)
        func faults(_ server: TestServer) async throws {
            let users = (0..<60).map { String(format: "u%02d@example.test", $0) }
            try await server.run(users: users) { rig in
                // The first mailbox tells how long an APPEND is: addresses and dates are all of one length.
                let measure = try await IMAPFaultProxy(to: rig.server.port) { _, _ in .none }
                let first = try await Self.fill(rig, [users[0]])
                _ = try await rig.engine(port: measure.port).replayOnce(ReplaySelection())
                // Where a literal waits for its `+`, that is the first answer: the message and the end of the command come behind it.
                let literal = server == .courier ? (first[users[0]]?.first?.copy(for: users[0]).count ?? 0) + 2 : 0
                let octets = measure.appendOctets + literal
                await measure.close()
                #expect(octets > 200)
                let planned: [IMAPFault] =
                    ((octets - 12)...(octets + 8)).map { .cut(.toServer, octets: $0) }
                    + stride(from: 0, to: 600, by: 25).map { .cut(.toClient, octets: $0) }
                    + (0...3).map { .stall(.toServer, octets: octets - $0) }
                    + (1...4).map { .zombie(octets: octets - $0, afterMilliseconds: Int64(50 * $0)) }
                    + stride(from: 10, to: 400, by: 70).map { .cut(.toClient, octets: $0, fromAppend: false) }
                let plan = Dictionary(uniqueKeysWithValues: zip(users.dropFirst(), planned))
                let proxy = try await IMAPFaultProxy(to: rig.server.port) { user, login in
                    login == 0 ? plan[user] ?? .none : .none
                }
                var accepted = try await Self.fill(rig, Array(users.dropFirst()))
                accepted.merge(first) { $1 }
                let engine = try rig.engine(
                    port: proxy.port, connections: 20, reply: .milliseconds(700), recovery: .milliseconds(10))
                let report = try await engine.replayOnce(ReplaySelection())
                #expect(report.held == 0 && report.problems.isEmpty, "\(report.problems.prefix(3))")
                for user in users {
                    try await rig.expectExactlyOnce(accepted[user] ?? [], in: user, "\(plan[user] ?? .none)")
                }
                if server == .courier {
                    // It gives an empty folder a new UIDVALIDITY every second until it has a message: what broke before that may have
                    // been there for all that IMAP tells, and is counted as doubtful.
                    let proof = try rig.ledger.prove()
                    #expect(proof.isBalanced && proof.counts.delivered == users.count * Self.messages)
                    #expect((proof.counts.held, proof.counts.failed) == (0, 0))
                    #expect(proof.counts.doubtful < planned.count)
                } else {
                    try rig.expectProof(verified: users.count * Self.messages)
                }
                await proxy.close()
            }
        }
    }
}
