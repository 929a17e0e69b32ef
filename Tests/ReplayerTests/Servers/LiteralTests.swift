import IMAPProtocol
import MailModel
import TestKit
import Testing

@testable import Replayer

extension RealServerTests {
    /// Literals with and without asking, at the sizes where it matters.
    @Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
    struct LiteralTests {
        static let user = "u@example.test"

        /// A message whose copy has so many octets.
        private static func bytes(copy octets: Int) -> [UInt8] {
            let id = MessageID(milliseconds: 1, random: 1, 1)
            let head = HeadLines.bytes(sender: "a@sender.example", recipient: user, id: id)
            let text = "Subject: x\r\n\r\n"
            let filled = octets - head.count - text.utf8.count - 2
            return Array((text + String(repeating: "y", count: max(0, filled)) + "\r\n").utf8)
        }

        @Test("Dovecot with LITERAL- takes 4,096 octets unasked, and more when it was asked (RFC 7888 §5)")
        func minus() async throws {
            try await ReplayRig.run(settings: "imap_literal_minus = yes") { rig in
                let session = try await rig.connect(Self.user)
                #expect(session.capabilities.hasLiteralMinus && !session.capabilities.hasLiteralPlus)
                await session.logout()
                var messages: [ReplayRig.Accepted] = []
                for octets in [300, 4095, 4096, 4097, 9000, 4096, 200_000, 400] {
                    messages.append(try await rig.accept(Self.bytes(copy: octets), to: [Self.user]))
                }
                #expect(messages[2].copy(for: Self.user).count == 4096)
                try await rig.cutOver([ReplayRig.mailbox(Self.user)])
                _ = try await rig.engine().replayOnce(ReplaySelection())
                try await rig.expectExactlyOnce(messages, in: Self.user)
                try rig.expectProof(verified: messages.count)
            }
        }

        @Test(
            "Cyrus and Courier take messages on both sides of every limit of ours",
            .enabled(if: ServerPackages.obstacle == nil, "\(ServerPackages.obstacle ?? "")"),
            arguments: TestServer.others)
        func others(_ server: TestServer) async throws {
            try await server.run(users: [Self.user]) { rig in
                let unasked = 96 << 10
                var messages: [ReplayRig.Accepted] = []
                for octets in [300, unasked - 1, unasked, unasked + 1, 2 << 20, 400] {
                    messages.append(try await rig.accept(Self.bytes(copy: octets), to: [Self.user]))
                }
                try await rig.cutOver([ReplayRig.mailbox(Self.user)])
                _ = try await rig.engine().replayOnce(ReplaySelection())
                try await rig.expectExactlyOnce(messages, in: Self.user)
                try rig.expectProof(verified: messages.count)
            }
        }
    }
}
