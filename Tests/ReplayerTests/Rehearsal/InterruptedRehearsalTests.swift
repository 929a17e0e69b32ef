import IMAPProtocol
import Ledger
import MailModel
import Spool
import TestKit
import Testing

@testable import Replayer

/// A rehearsal that was killed: cleaned up by the next, and never taken for a delivery in between.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct InterruptedRehearsalTests {
    static let user = RehearsalTests.user
    static let folder = RehearsalTests.folder

    /// The journal and the folder of a rehearsal that was killed when these copies were there.
    static func leave(
        _ rig: ReplayRig, _ messages: [ReplayRig.Accepted], makesFolder: Bool = true, folder: String = folder
    ) async throws -> Rehearsal {
        let rehearsal = Rehearsal(
            run: BatchIDs().next(.now()), mailboxID: "id-" + user, target: "t", login: user, folder: folder,
            makesFolder: makesFolder, messages: messages.count, why: "")
        try await rig.journal.append([.rehearsalBegun(rehearsal)])
        for message in messages {
            try await rig.put(
                HeadLines.shadow(sender: message.sender, recipient: user, run: rehearsal.run) + message.bytes,
                into: user, folder)
        }
        return rehearsal
    }

    @Test("What it left is removed by the next, with the folder that it had made")
    func cleaned() async throws {
        try await ReplayRig.run { rig in
            let messages = try await RehearsalTests.hold(rig, [Self.user], messages: 3)
            _ = try await Self.leave(rig, messages)
            let left = try await RehearsalTests.engine(rig).clean()
            #expect(left.cleaned == 1 && left.problems.isEmpty)
            #expect(try !RehearsalTests.folders(rig).contains(Self.folder))
            #expect(try rig.ledger.openRehearsals().isEmpty)
            try rig.expectProof(verified: 0, held: 3)
        }
    }

    @Test("Killed before it made the folder, or after it removed it, there is nothing to do but to say so")
    func nothingThere() async throws {
        try await ReplayRig.run { rig in
            _ = try await RehearsalTests.hold(rig, [Self.user], messages: 1)
            _ = try await Self.leave(rig, [])
            let left = try await RehearsalTests.engine(rig).clean()
            #expect(left.cleaned == 1 && left.problems.isEmpty)
            #expect(try rig.ledger.openRehearsals().isEmpty)
        }
    }

    @Test("A folder that it made and into which somebody has put mail since stays, with that mail")
    func foreignMailInItsFolder() async throws {
        try await ReplayRig.run { rig in
            let messages = try await RehearsalTests.hold(rig, [Self.user], messages: 3)
            _ = try await Self.leave(rig, messages)
            let own = Array(ReplayRig.text(77).utf8)
            try await rig.put(own, into: Self.user, Self.folder)
            _ = try await RehearsalTests.engine(rig).clean()
            let copies = try await rig.copies(Self.user, Self.folder)
            #expect(copies.map(\.digest.hex) == [SHA256Hasher.digest(own).hex])
            #expect(try rig.ledger.openRehearsals().isEmpty)
        }
    }

    @Test("Copies of another run are not its own; they go when that is cleaned up")
    func otherRun() async throws {
        try await ReplayRig.run { rig in
            let messages = try await RehearsalTests.hold(rig, [Self.user], messages: 2)
            let mine = try await Self.leave(rig, messages)
            _ = try await Self.leave(rig, messages)
            try await rig.journal.append([.rehearsalEnded(run: mine.run, target: "t", login: Self.user, text: "")])
            _ = try await RehearsalTests.engine(rig).clean()
            #expect(try await rig.copies(Self.user, Self.folder).count == 2)
        }
    }

    @Test(
        "A shadow copy is never taken for the delivered one, whether in its folder, in a view of all folders, or by its bytes"
    )
    func neverTakenForADelivery() async throws {
        try await ReplayRig.run(settings: VirtualMailbox.settings) { rig in
            try VirtualMailbox.make(rig.dovecot, user: Self.user)
            let messages = try await DoubtResolutionTests.setUp(rig)
            try rig.ledger.catchUp()
            let forwarded = try await rig.accept(Self.forwarded(messages[0]), to: ["other@example.test"])
            _ = try await Self.leave(rig, messages + [forwarded])
            #expect(try await rig.copies(Self.user, VirtualMailbox.folder).count == 4)
            // The intent's folder is another than now: every folder is looked into.
            try await DoubtResolutionTests.leaveIntent(rig, Array(messages[..<2]), uidValidity: 4_242)
            let report = try await rig.engine().replayOnce(ReplaySelection())
            #expect(report.counts.delivered == 3 && report.held == 0, "\(report)")
            try await rig.expectExactlyOnce(messages, in: Self.user)
            let left = try await RehearsalTests.engine(rig).clean()
            #expect(left.problems.isEmpty)
            try await rig.expectExactlyOnce(messages, in: Self.user)
            #expect(try await rig.copies(Self.user, VirtualMailbox.folder).count == 3)
        }
    }

    /// A mail that has another's copy quoted on top of its own header, as some redirects make it.
    static func forwarded(_ message: ReplayRig.Accepted) -> String {
        "X-Layover-Id: \(message.id)\r\n" + ReplayRig.text(9)
    }

    @Test("After a restore, shadow copies are neither adopted nor counted as strangers")
    func reconcile() async throws {
        try await ReplayRig.run { rig in
            let messages = try await DoubtResolutionTests.setUp(rig)
            try rig.ledger.catchUp()
            _ = try await Self.leave(rig, messages)
            try await rig.journal.append([.restored(what: "test", why: "test")])
            let report = try await rig.engine().reconcile()
            let finding = try #require(report.findings.first)
            #expect((finding.adopted, finding.doubtful, finding.unknown, finding.held) == (0, 0, 0, 3))
        }
    }
}
