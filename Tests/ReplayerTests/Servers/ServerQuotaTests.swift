import MailModel
import TestKit
import Testing

@testable import Replayer

extension RealServerTests {
    /// A full account on Cyrus and Courier, neither of which says OVERQUOTA: it stops the mailbox and parks no message.
    @Suite(.enabled(if: ServerPackages.obstacle == nil, "\(ServerPackages.obstacle ?? "")"), .timeLimit(.minutes(10)))
    struct ServerQuotaTests {
        static let user = "u@example.test"

        private static func fill(
            _ server: any TargetServer, limit: (any TargetServer) throws -> Void,
            more: (any TargetServer) throws -> Void
        ) async throws {
            defer { server.remove() }
            try await server.startAside()
            try await ReplayRig.run(server) { rig in
                // The account is made at the first login.
                _ = try rig.server.reader(user).copies()
                try limit(rig.server)
                var messages: [ReplayRig.Accepted] = []
                for number in 0..<4 {
                    messages.append(try await rig.accept(ReplayRig.text(number, octets: 20_000), to: [user]))
                }
                try await rig.cutOver([ReplayRig.mailbox(user)])
                let report = try await rig.engine().replayOnce(ReplaySelection())
                #expect(report.problems.map(\.error.code) == [.overQuota], "\(report.problems)")
                #expect(report.failed == 0)
                #expect(try rig.server.reader(user).copies().count < 4)
                try more(rig.server)
                _ = try await rig.engine().replayOnce(ReplaySelection())
                try await rig.expectExactlyOnce(messages, in: user)
                try rig.expectProof(verified: 4)
            }
        }

        @Test("Cyrus: all go when there is room again")
        func cyrus() async throws {
            try await Self.fill(ThrowawayCyrus()) { server in
                _ = try (server as? ThrowawayCyrus)?.administrate().answer(
                    to: "SETQUOTA user/u@example.test (STORAGE 50)")
            } more: { server in
                _ = try (server as? ThrowawayCyrus)?.administrate().answer(
                    to: "SETQUOTA user/u@example.test (STORAGE 500)")
            }
        }

        @Test("Courier: all go when there is room again")
        func courier() async throws {
            try await Self.fill(ThrowawayCourier(users: [Self.user], quota: 50_000)) { _ in
            } more: { server in
                try (server as? ThrowawayCourier)?.setQuota(500_000, of: Self.user)
            }
        }
    }
}
