import Foundation
import Ledger
import MailModel
import Spool
import TestKit
import Testing

@testable import Replayer

/// A spool restored from a backup, before mailboxes that have got more since.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct ReconcileTests {
    static let user = "u@example.test"

    /// The spool as a backup of segments and journal has it, brought back beside the first, with the same Dovecot behind it.
    private func restored(_ rig: ReplayRig, _ backup: SpoolLayout) throws -> ReplayRig {
        try ReplayRig(rig.server, restored: backup)
    }

    private func backUp(_ rig: ReplayRig) throws -> SpoolLayout { try rig.backUp() }

    @Test(
        "Nothing goes before the mailbox was looked into; then its copies count, wherever they are, and the rest goes once"
    )
    func wholeWay() async throws {
        try await ReplayRig.run { rig in
            var messages: [ReplayRig.Accepted] = []
            for number in 0..<8 { messages.append(try await rig.accept(ReplayRig.text(number), to: [Self.user])) }
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let first = ReplaySelection(messages: Set(messages[..<3].map(\.id)))
            _ = try await rig.engine().replayOnce(first)
            let backup = try backUp(rig)
            _ = try await rig.engine().replayOnce(ReplaySelection(messages: Set(messages[3..<6].map(\.id))))
            let late = try await rig.accept(ReplayRig.text(8), to: [Self.user])
            _ = try await rig.engine().replayOnce(ReplaySelection(messages: [late.id]))
            try rig.dovecot.doveadm(["mailbox", "create", "-u", Self.user, "Old/Moved"])
            try rig.dovecot.doveadm([
                "move", "-u", Self.user, "Old/Moved", "mailbox", "INBOX", "header", "X-Layover-Id",
                messages[4].id.description,
            ])

            let again = try restored(rig, backup)
            defer { again.remove() }
            let refused = try await again.engine().replayOnce(ReplaySelection())
            #expect(refused.unreconciled.map(\.address) == [Self.user] && refused.counts.delivered == 0)
            let report = try await again.engine().reconcile()
            let finding = try #require(report.findings.first)
            #expect(report.problems.isEmpty && finding.messages == 7)
            #expect((finding.adopted, finding.doubtful, finding.unknown, finding.held) == (3, 0, 1, 2))
            #expect(finding.unknownIDs == [late.id])
            try again.expectProof(verified: 6, held: 2)
            #expect(try await again.engine().reconcile().findings.isEmpty)
            let replay = try await again.engine().replayOnce(ReplaySelection())
            #expect(replay.counts.delivered == 2 && replay.unreconciled.isEmpty)
            try await again.expectExactlyOnce([messages[4]], in: Self.user, folder: "Old/Moved")
            var expected = messages
            expected.remove(at: 4)
            try await again.expectExactlyOnce(expected + [late], in: Self.user, ordered: false)
            try again.expectProof(verified: 8)
        }
    }

    @Test(
        "Two copies count once, a changed one counts unverified, both doubtful; another mailbox's copy does not count")
    func strangeCopies() async throws {
        try await ReplayRig.run { rig in
            let other = "other@example.test"
            var messages: [ReplayRig.Accepted] = []
            for number in 0..<4 {
                messages.append(try await rig.accept(ReplayRig.text(number), to: [Self.user, other]))
            }
            try await rig.cutOver([ReplayRig.mailbox(Self.user), ReplayRig.mailbox(other)])
            let backup = try backUp(rig)
            for folder in ["INBOX", "Second"] {
                try await rig.put(messages[0].copy(for: Self.user), into: Self.user, folder)
            }
            try await rig.put(messages[1].copy(for: Self.user) + Array("changed\r\n".utf8), into: Self.user)
            try await rig.put(messages[2].copy(for: other), into: Self.user)

            let again = try restored(rig, backup)
            defer { again.remove() }
            let report = try await again.engine().reconcile()
            let finding = try #require(report.findings.first { $0.mailbox.address == Self.user })
            #expect((finding.adopted, finding.doubtful, finding.unknown, finding.held) == (2, 2, 0, 2))
            try again.expectProof(verified: 1, held: 6, doubtful: 2, delivered: 2)
            _ = try await again.engine().replayOnce(ReplaySelection(mailboxes: MailboxSelection(mailboxes: [other])))
            try await again.expectExactlyOnce(messages, in: other)
        }
    }

    @Test("A mailbox that cannot be looked into stays as it is, and the others go on")
    func unreachable() async throws {
        try await ReplayRig.run { rig in
            let message = try await rig.accept(ReplayRig.text(1), to: [Self.user])
            try await rig.cutOver([
                ReplayRig.mailbox(Self.user), ReplayRig.mailbox("gone@example.test", target: "gone"),
            ])
            let backup = try backUp(rig)
            _ = try await rig.engine().replayOnce(ReplaySelection(mailboxes: MailboxSelection(mailboxes: [Self.user])))
            let again = try restored(rig, backup)
            defer { again.remove() }
            let down = try await again.engine(port: 1).reconcile()
            #expect(down.findings.isEmpty && Set(down.problems.map(\.error.code)) == [.unavailable, .noTarget])
            let report = try await again.engine().reconcile()
            #expect(report.findings.map(\.adopted) == [1] && report.problems.map(\.error.code) == [.noTarget])
            let replay = try await again.engine().replayOnce(ReplaySelection())
            #expect(replay.unreconciled.map(\.address) == ["gone@example.test"])
            try await again.expectExactlyOnce([message], in: Self.user)
        }
    }

    @Test("A folder that the server does not open leaves the mailbox shut, until it opens or a person leaves it out")
    func closedFolder() async throws {
        try await ReplayRig.run { rig in
            let message = try await rig.accept(ReplayRig.text(1), to: [Self.user])
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let (backup, secondBackup) = (try backUp(rig), try backUp(rig))
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try rig.dovecot.doveadm(["mailbox", "create", "-u", Self.user, "Parent/Shut"])
            try rig.dovecot.doveadm(["move", "-u", Self.user, "Parent/Shut", "mailbox", "INBOX", "all"])
            func setMode(_ mode: String) throws {
                try HostProgram.run(
                    "bash",
                    [
                        "-c",
                        "find '\(rig.dovecot.directory.path)/mail' -path '*Parent/Shut/dbox-Mails' -exec chmod \(mode) {} +",
                    ])
            }
            try setMode("000")
            let again = try restored(rig, backup)
            defer { again.remove() }
            for without in [[], ["Parent"]] as [Set<String>] {
                let report = try await again.engine().reconcile(withoutFolders: without)
                #expect(report.findings.isEmpty && report.problems.map(\.error.code) == [.notWhole])
                let words = report.problems.map(\.error.message).joined()
                #expect(words.contains("'Parent/Shut'") && words.contains("--without-folder"), "\(words)")
                #expect(!words.contains("'Parent'"), "\(words)")
                let replay = try await again.engine().replayOnce(ReplaySelection())
                #expect(replay.unreconciled.map(\.address) == [Self.user] && replay.counts.delivered == 0)
            }
            let third = try restored(rig, secondBackup)
            defer { third.remove() }
            try setMode("700")
            #expect(try await again.engine().reconcile().findings.map(\.adopted) == [1])
            _ = try await again.engine().replayOnce(ReplaySelection())
            #expect(try await again.copies(Self.user).isEmpty)
            try again.expectProof(verified: 1)

            try setMode("000")
            let report = try await third.engine().reconcile(withoutFolders: ["Parent/Shut"])
            #expect(report.problems.isEmpty && report.findings.map(\.closedFolders) == [["Parent/Shut"]])
            _ = try await third.engine().replayOnce(ReplaySelection())
            try await third.expectExactlyOnce([message], in: Self.user)
        }
    }

    @Test("A batch that was under way at the time of the backup is settled by what the mailbox has")
    func openIntent() async throws {
        try await ReplayRig.run { rig in
            var entries: [AppendIntent.Entry] = []
            var messages: [ReplayRig.Accepted] = []
            for number in 0..<2 {
                let message = try await rig.accept(ReplayRig.text(number), to: [Self.user])
                let copy = message.copy(for: Self.user)
                messages.append(message)
                entries.append(
                    AppendIntent.Entry(
                        id: message.id, recipient: Self.user, merged: [],
                        head: HeadLines.bytes(sender: message.sender, recipient: Self.user, id: message.id),
                        length: copy.count, digest: SHA256Hasher.digest(copy)))
            }
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let intent = AppendIntent(
                batch: MessageID(milliseconds: 1, random: 1, 1), mailboxID: "id-" + Self.user, target: "t",
                login: Self.user, folder: "INBOX", uidValidity: try await rig.validity(Self.user), uidNext: 1,
                entries: entries)
            try await rig.journal.append([.intent(intent)])
            let backup = try backUp(rig)
            try await rig.put(messages[0].copy(for: Self.user), into: Self.user)
            let again = try restored(rig, backup)
            defer { again.remove() }
            #expect(try await again.engine().reconcile().findings.map(\.adopted) == [1])
            _ = try await again.engine().replayOnce(ReplaySelection())
            try await again.expectExactlyOnce(messages, in: Self.user)
            try again.expectProof(verified: 2)
        }
    }
}
