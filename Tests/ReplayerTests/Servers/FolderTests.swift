import IMAPProtocol
import MailModel
import TestKit
import Testing

@testable import Replayer

extension RealServerTests {
    /// Folders with names in other scripts, several levels deep, under each server's own namespace.
    @Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
    struct FolderTests {
        static let user = "u@example.test"
        static let folder = "Übernahme & Rest/台北 2026/alt"
        /// The same on the wire (RFC 3501 §5.1.3), its levels joined by `/`.
        static let wire = "&ANw-bernahme &- Rest/&U,BTFw- 2026/alt"

        /// Replays into the folder, twice, and reads it by the name that the server must have given it.
        private static func replay(into server: any TargetServer, expected: String) async throws {
            try await server.startAside()
            try await ReplayRig.run(server) { rig in
                let first = try await rig.accept(ReplayRig.text(1), to: [user])
                try await rig.cutOver([ReplayRig.mailbox(user, folder: folder)])
                let report = try await rig.engine().replayOnce(ReplaySelection())
                #expect(report.problems.isEmpty, "\(report.problems)")
                let second = try await rig.accept(ReplayRig.text(2), to: [user])
                _ = try await rig.engine().replayOnce(ReplaySelection())
                let found = try rig.server.reader(user).copies(in: expected)
                #expect(found.map(\.bytes) == [first, second].map { $0.copy(for: user) })
                try rig.expectProof(verified: 2)

                let session = try await rig.connect(user)
                try await session.create(MailboxName(folder))
                await session.logout()

                // The spool is brought back to before both, and the mailbox looked through: the folder is found under the server's name.
                let backup = try rig.backUp()
                let third = try await rig.accept(ReplayRig.text(3), to: [user])
                _ = try await rig.engine().replayOnce(ReplaySelection())
                let again = try ReplayRig(rig.server, restored: backup)
                defer { again.remove() }
                _ = try await again.engine().reconcile()
                _ = try await again.engine().replayOnce(ReplaySelection())
                let all = try rig.server.reader(user).copies(in: expected)
                #expect(all.map(\.bytes) == [first, second, third].map { $0.copy(for: user) })
            }
        }

        @Test("Dovecot, with / between levels and with a prefix and dots")
        func dovecot() async throws {
            let plain = try ThrowawayDovecot()
            defer { plain.remove() }
            try await Self.replay(into: plain, expected: Self.wire)
            let prefixed = try ThrowawayDovecot(
                format: "maildir", settings: "namespace inbox {\n  separator = .\n  prefix = INBOX.\n}")
            defer { prefixed.remove() }
            try await Self.replay(into: prefixed, expected: "INBOX." + Self.wire.replacing("/", with: "."))
        }

        @Test(
            "Cyrus, with names beside INBOX and below it",
            .enabled(if: ServerPackages.obstacle == nil, "\(ServerPackages.obstacle ?? "")"), arguments: [false, true])
        func cyrus(internalNames: Bool) async throws {
            let cyrus = try ThrowawayCyrus(internalNames: internalNames)
            defer { cyrus.remove() }
            let below = "INBOX." + Self.wire.replacing("/", with: ".")
            try await Self.replay(into: cyrus, expected: internalNames ? below : Self.wire)
        }

        @Test(
            "Courier, below INBOX with dots",
            .enabled(if: ServerPackages.obstacle == nil, "\(ServerPackages.obstacle ?? "")"))
        func courier() async throws {
            let courier = try ThrowawayCourier(users: [Self.user])
            defer { courier.remove() }
            try await Self.replay(into: courier, expected: "INBOX." + Self.wire.replacing("/", with: "."))
        }
    }
}
