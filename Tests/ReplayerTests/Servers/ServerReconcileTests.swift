import Foundation
import Ledger
import MailModel
import Spool
import TestKit
import Testing

@testable import Replayer

extension RealServerTests {
    /// A spool that was brought back before mailboxes of Cyrus, Courier and Zimbra that have got more since: no doubles.
    @Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
    struct ServerReconcileTests {
        static let user = "u@example.test"

        @Test(
            "Copies that the restored journal does not know are adopted, the ones that the server changed too; the rest goes once",
            .enabled(if: ServerPackages.obstacle == nil, "\(ServerPackages.obstacle ?? "")"),
            arguments: TestServer.allCases
        )
        func restored(_ server: TestServer) async throws {
            try await server.run(users: [Self.user]) { rig in
                var messages: [ReplayRig.Accepted] = []
                for number in 0..<4 { messages.append(try await rig.accept(ReplayRig.text(number), to: [Self.user])) }
                // Cyrus changes the first, Dovecot and Courier the second.
                let changed = ["Subject: gr\u{FC}n\r\n\r\nb\r\n", "Subject: x\r\n\r\na\r\r\nb\r\n"].map { text in
                    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
                }
                for bytes in changed { messages.append(try await rig.accept(bytes, to: [Self.user])) }
                try await rig.cutOver([ReplayRig.mailbox(Self.user)])
                _ = try await rig.engine().replayOnce(ReplaySelection(messages: Set(messages[..<2].map(\.id))))
                let backup = try rig.backUp()
                _ = try await rig.engine().replayOnce(ReplaySelection(messages: Set(messages[3...].map(\.id))))

                let again = try ReplayRig(rig.server, restored: backup)
                defer { again.remove() }
                let report = try await again.engine().reconcile()
                #expect(report.problems.isEmpty, "\(report.problems)")
                #expect(report.findings.map(\.adopted) == [3])
                #expect(report.findings.map(\.doubtful) == [0])
                _ = try await again.engine().replayOnce(ReplaySelection())
                let copies = try rig.server.reader(Self.user).copies()
                for message in messages {
                    let id = Array(message.id.description.utf8)
                    #expect(copies.count { $0.bytes.firstRange(of: id) != nil } == 1)
                }
                #expect(copies.count == 6)
                try again.expectProof(verified: 6)
                #expect(try again.ledger.prove().counts.normalised == 1)
            }
        }

        @Test(
            "A copy in doubt that the server has changed as it is known to is adopted as normalised, not sent again",
            .enabled(if: ServerPackages.obstacle == nil, "\(ServerPackages.obstacle ?? "")"),
            arguments: TestServer.allCases
        )
        func changedInDoubt(_ server: TestServer) async throws {
            try await server.run(users: [Self.user]) { rig in
                // Cyrus changes the header, the others the body.
                let bytes = "Subject: gr\u{FC}n\r\n\r\na\r\r\nb\r\n".unicodeScalars.map {
                    UInt8(truncatingIfNeeded: $0.value)
                }
                let message = try await rig.accept(bytes, to: [Self.user])
                try await rig.cutOver([ReplayRig.mailbox(Self.user)])
                let copy = message.copy(for: Self.user)
                let entry = AppendIntent.Entry(
                    id: message.id, recipient: Self.user, merged: [],
                    head: HeadLines.bytes(sender: message.sender, recipient: Self.user, id: message.id),
                    length: copy.count, digest: SHA256Hasher.digest(copy))
                let intent = AppendIntent(
                    batch: MessageID(milliseconds: 1, random: 1, 1), mailboxID: "id-" + Self.user, target: "t",
                    login: Self.user, folder: "INBOX", uidValidity: try await rig.validity(Self.user), uidNext: 1,
                    entries: [entry])
                try await rig.journal.append([.intent(intent)])
                try await rig.put(copy, into: Self.user)
                let engine = try rig.engine()
                _ = try await engine.replayOnce(ReplaySelection())
                #expect(try rig.server.reader(Self.user).copies().count == 1)
                try rig.expectProof(verified: 1)
                #expect(try rig.ledger.prove().counts.normalised == 1)
                #expect(engine.progress.now.normalised == 1)
            }
        }

        @Test("Zimbra: copies that the restored journal does not know are adopted, and the rest goes once")
        func zimbra() async throws {
            try await ZimbraRig.run { zimbra in
                let messages = try await zimbra.accept(6)
                let first = ReplaySelection(messages: Set(messages[..<2].map(\.id)))
                _ = try await zimbra.engine().replayOnce(first)
                let backup = try zimbra.rig.backUp()
                _ = try await zimbra.engine().replayOnce(ReplaySelection(messages: Set(messages[3...].map(\.id))))
                let again = ZimbraRig(
                    rig: try ReplayRig(zimbra.rig.server, restored: backup), zimbra: zimbra.zimbra)
                defer { again.rig.remove() }
                let report = try await again.engine().reconcile()
                #expect(report.problems.isEmpty, "\(report.problems)")
                #expect(report.findings.map(\.adopted) == [3])
                _ = try await again.replay()
                try again.rig.expectProof(verified: 6)
                again.expect(messages, ordered: false)
            }
        }
    }
}
