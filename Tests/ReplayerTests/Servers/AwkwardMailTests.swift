import Foundation
import IMAPProtocol
import Ledger
import MailModel
import Spool
import TestKit
import Testing

@testable import Replayer

extension RealServerTests {
    /// Mail that servers change or refuse: verified to the octet, normalised and told so, or parked with the server's words.
    @Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
    struct AwkwardMailTests {
        static let user = "u@example.test"

        @Test(
            "Each awkward message is in Dovecot once, and what Dovecot changes is named", arguments: TestServer.dovecots
        )
        func dovecot(_ server: TestServer) async throws {
            try await Self.replay(into: server) { _, bytes in (ServerByteRules.dovecot(bytes), nil) }
        }

        @Test(
            "Each awkward message is in Cyrus once, an 8-bit header is named, and what Cyrus refuses is parked with its words",
            .enabled(if: ServerPackages.obstacle == nil, "\(ServerPackages.obstacle ?? "")"))
        func cyrus() async throws {
            try await Self.replay(into: .cyrus) { name, bytes in
                let hasBareLF = bytes.indices.contains { bytes[$0] == 0x0A && (bytes[max(0, $0 - 1)] != 0x0D) }
                let refusal: String? =
                    bytes.contains(0)
                    ? "Message contains NUL characters"
                    : hasBareLF
                        ? "Message contains bare newlines"
                        : AwkwardMail.invalidHeaders.contains(name) ? "Message contains invalid header" : nil
                return (ServerByteRules.cyrus(bytes), refusal)
            }
        }

        @Test(
            "What Cyrus itself computes of its copies, DIGEST.SHA1, is that of what was appended",
            .enabled(if: ServerPackages.obstacle == nil, "\(ServerPackages.obstacle ?? "")"))
        func cyrusDigest() async throws {
            try await TestServer.cyrus.run(users: [Self.user]) { rig in
                var messages: [ReplayRig.Accepted] = []
                for number in 0..<4 { messages.append(try await rig.accept(ReplayRig.text(number), to: [Self.user])) }
                try await rig.cutOver([ReplayRig.mailbox(Self.user)])
                _ = try await rig.engine().replayOnce(ReplaySelection())
                let reader = try rig.server.reader(Self.user)
                _ = try reader.answer(to: "EXAMINE INBOX")
                let told = try reader.answer(to: "UID FETCH 1:* (UID DIGEST.SHA1)").joined(separator: "\n").lowercased()
                for message in messages {
                    let scratch = try ScratchDirectory()
                    let file = scratch.path + "/copy"
                    try Data(message.copy(for: Self.user)).write(to: URL(filePath: file))
                    let digest = try HostProgram.run("openssl", ["dgst", "-sha1", "-r", file]).prefix(40)
                    #expect(told.contains(digest), "\(told)")
                }
            }
        }

        @Test(
            "Each awkward message is in Courier once, and what Courier changes is named",
            .enabled(if: ServerPackages.obstacle == nil, "\(ServerPackages.obstacle ?? "")"))
        func courier() async throws {
            try await Self.replay(into: .courier) { _, bytes in (ServerByteRules.courier(bytes), nil) }
        }

        @Test(
            "A rehearsal names what the server changes, and takes several messages, at Cyrus and Courier too",
            .enabled(if: ServerPackages.obstacle == nil, "\(ServerPackages.obstacle ?? "")"),
            arguments: [(TestServer.cyrus, 2), (.courier, 0)])
        func rehearsed(_ server: TestServer, normalised: Int) async throws {
            try await server.run(users: [Self.user]) { rig in
                try await rig.journal.append([.mailboxSet(ReplayRig.mailbox(Self.user))])
                // More than one batch at both.
                for number in 0..<60 {
                    let name = number < 2 ? "Grüße" : "message"
                    try await rig.accept("From: a@b.test\r\nSubject: \(name)\r\n\r\nGrüße\r\n", to: [Self.user])
                }
                try rig.ledger.catchUp()
                let plan = RehearsalPlan(folder: "Trial", messages: 60, why: "to see")
                let report = try await RehearsalTests.engine(rig).run(rig.ledger.mailboxes(), plan: plan, now: .now())
                let account = try #require(report.accounts.first)
                #expect(report.isSound && report.isClean, "\(account)")
                #expect(account.verified == 60 && account.normalised == normalised, "\(account)")
                let session = try await rig.connect(Self.user)
                let folders = try await session.folders().map(\.mailbox.text)
                await session.logout()
                #expect(folders.allSatisfy { !$0.hasSuffix("Trial") }, "\(folders)")
                #expect(account.changes.count == normalised)
                #expect(account.changes.allSatisfy { $0.contains("8-bit octet of the header became X") })
            }
        }

        /// Replays all of it, and compares with what `rule` says of a message: what it becomes, or with what words it is refused.
        private static func replay(
            into server: TestServer, _ rule: (_ name: String, _ bytes: [UInt8]) -> (form: [UInt8], refusal: String?)
        ) async throws {
            try await server.run(users: [user]) { rig in
                var sent: [(mail: AwkwardMail, accepted: ReplayRig.Accepted)] = []
                for mail in AwkwardMail.all { sent.append((mail, try await rig.accept(mail.bytes, to: [user]))) }
                let eightBit = try await rig.accept("Subject: x\r\n\r\nb\r\n", to: [user], from: "é@sender.example")
                sent.append((AwkwardMail.all[0], eightBit))
                try await rig.cutOver([ReplayRig.mailbox(user)])
                let engine = try rig.engine()
                let report = try await engine.replayOnce(ReplaySelection())
                #expect(report.problems.isEmpty, "\(report.problems)")

                let copies = try rig.server.reader(user).copies()
                let rows = Dictionary(
                    try rig.ledger.audit(AuditFilter()).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
                var counts = (verified: 0, normalised: 0, failed: 0)
                for (mail, accepted) in sent {
                    let appended = accepted.copy(for: user)
                    let (form, refusal) = rule(mail.name, appended)
                    let row = try #require(rows[accepted.id])
                    let found = copies.filter {
                        // Our head lines stand on top.
                        $0.bytes.prefix(300).firstRange(of: Array(accepted.id.description.utf8)) != nil
                    }
                    if let refusal {
                        #expect(
                            row.state == .failed && row.lastError?.contains(refusal) == true, "\(mail.name): \(row)")
                        #expect(found.isEmpty, "\(mail.name)")
                        counts.failed += 1
                    } else {
                        #expect(found.map(\.bytes) == [form], "\(mail.name)")
                        #expect(row.state == .verified && !row.isDoubtful, "\(mail.name): \(row)")
                        let finding = row.finding ?? ""
                        #expect(
                            form == appended ? finding == "exact" : finding.hasPrefix("normalised: "),
                            "\(mail.name): \(finding)")
                        counts.verified += 1
                        counts.normalised += form == appended ? 0 : 1
                    }
                }
                #expect(copies.count == counts.verified)
                try rig.expectProof(verified: counts.verified, failed: counts.failed)
                #expect(try rig.ledger.prove().counts.normalised == counts.normalised)
                #expect(engine.progress.now.normalised == counts.normalised)
                // A second replay finds nothing to do.
                #expect(try await rig.engine().replayOnce(ReplaySelection()).counts.delivered == 0)
                #expect(try rig.server.reader(user).copies().count == copies.count)
            }
        }
    }
}
