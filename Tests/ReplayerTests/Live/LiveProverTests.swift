import Foundation
import Ledger
import MailModel
import NIOPosix
import Spool
import TestKit
import Testing

@testable import Replayer

/// `prove --live`: what the mailboxes themselves say, against a real Dovecot.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct LiveProverTests {
    static let user = "u@example.test"

    static func prove(_ rig: ReplayRig, port: Int? = nil) async throws -> LiveProof {
        let target = try rig.target(port: port)
        return try await LiveProver(
            ledger: rig.ledger, targets: ["t": target], group: MultiThreadedEventLoopGroup.singleton
        ).prove(.all)
    }

    private static func deliver(_ rig: ReplayRig, count: Int) async throws -> [ReplayRig.Accepted] {
        let messages = try await DoubtResolutionTests.setUp(rig, count: count)
        _ = try await rig.engine().replayOnce(ReplaySelection())
        try rig.expectProof(verified: count)
        return messages
    }

    private static func numbers(_ proof: LiveProof) -> [Int] {
        [proof.present, proof.moved, proof.missing, proof.doubles.count, proof.notAsked]
    }

    @Test("Every copy is found in its place, in another folder, nowhere, or twice; a forgery under our id is no copy")
    func everyCase() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.deliver(rig, count: 6)
            let user = Self.user
            func search(_ number: Int) -> [String] {
                ["mailbox", "INBOX", "header", "X-Layover-Id", messages[number].id.description]
            }
            try rig.dovecot.doveadm(["mailbox", "create", "-u", user, "Old/Fil&AOk-d"])
            try rig.dovecot.doveadm(["move", "-u", user, "Old/Fil&AOk-d"] + search(1))
            try rig.dovecot.doveadm(["expunge", "-u", user] + search(2))
            try await rig.put(messages[3].copy(for: user), into: user, "Copies")
            var forged = messages[4].copy(for: user)
            forged += Array("a word more\r\n".utf8)
            try await rig.put(forged, into: user)

            let before = try rig.dovecot.doveadm(["fetch", "-u", user, "uid flags modseq", "all"])
            let proof = try await Self.prove(rig)
            #expect(Self.numbers(proof) == [3, 1, 1, 1, 0])
            #expect(proof.doubles.first?.id == messages[3].id && proof.doubles.first?.mailbox == user)
            #expect(Set(proof.doubles.first?.places.map(\.folder) ?? []) == ["INBOX", "Copies"])
            #expect(proof.problems.isEmpty && proof.closedFolders.isEmpty)
            #expect(proof.missingCopies.map(\.id) == [messages[2].id])
            // A copy that somebody has made in another folder is told, and is nobody's doubt.
            #expect(proof.acts.isEmpty && proof.verified == 0 && proof.cleared == 0)
            #expect(try rig.dovecot.doveadm(["fetch", "-u", user, "uid flags modseq", "all"]) == before)
        }
    }

    @Test("A second copy that a server brings back into the same folder, long after, is found")
    func resurrected() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.deliver(rig, count: 4)
            #expect(Self.numbers(try await Self.prove(rig)) == [4, 0, 0, 0, 0])
            try await rig.put(messages[0].copy(for: Self.user), into: Self.user)
            let proof = try await Self.prove(rig)
            #expect(Self.numbers(proof) == [3, 0, 0, 1, 0])
            #expect(proof.doubles.first?.places.map(\.uid) == [1, 5])
            // Found twice in one folder, it counts as doubtful from now on.
            try await rig.journal.append(proof.acts)
            try rig.ledger.catchUp()
            try rig.expectProof(verified: 4, doubtful: 1)
            #expect(try await Self.prove(rig).acts.isEmpty)
        }
    }

    @Test("A mailbox that cannot be asked is named, and its copies are counted as not asked")
    func unreachable() async throws {
        try await ReplayRig.run { rig in
            _ = try await Self.deliver(rig, count: 2)
            rig.dovecot.stop()
            let proof = try await Self.prove(rig)
            #expect(Self.numbers(proof) == [0, 0, 0, 0, 2])
            #expect(proof.problems.map(\.error.code) == [.unavailable])
            #expect(proof.problems.map(\.mailbox.address) == [Self.user])
        }
    }

    @Test("A mailbox that has left the roster is asked for its copies too, or named where it cannot be")
    func removedMailbox() async throws {
        try await ReplayRig.run { rig in
            _ = try await Self.deliver(rig, count: 2)
            try await rig.journal.append([.mailboxRemoved(id: "id-" + Self.user)])
            try rig.ledger.catchUp()
            #expect(Self.numbers(try await Self.prove(rig)) == [2, 0, 0, 0, 0])
            rig.dovecot.stop()
            let proof = try await Self.prove(rig)
            #expect(Self.numbers(proof) == [0, 0, 0, 0, 2])
            #expect(proof.problems.map { "\($0.error)".contains("left the roster") } == [true])
        }
    }

    @Test("A connection that breaks in the middle is tried once more")
    func broken() async throws {
        try await ReplayRig.run { rig in
            _ = try await Self.deliver(rig, count: 3)
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, login in
                login == 0 ? .cut(.toClient, octets: 1200, fromAppend: false) : .none
            }
            #expect(Self.numbers(try await Self.prove(rig, port: proxy.port)) == [3, 0, 0, 0, 0])
            await proxy.close()
        }
    }

    @Test("A copy that was moved before anybody compared it is verified where it is; one that is gone stays unverified")
    func comparedLate() async throws {
        try await ReplayRig.run { rig in
            let messages = try await DoubtResolutionTests.setUp(rig, count: 3)
            // A replay that was killed between the delivery and the read-back.
            try await DoubtResolutionTests.leaveIntent(rig, messages)
            let batch = try #require(try rig.openBatch())
            for message in messages { try await rig.put(message.copy(for: Self.user), into: Self.user) }
            let copies = messages.enumerated().map { DeliveredCopy(id: $1.id, uid: UInt32($0 + 1)) }
            try await rig.journal.append([
                .delivered(batch: batch, uidValidity: try await rig.validity(Self.user), copies: copies)
            ])
            try rig.dovecot.doveadm(["mailbox", "create", "-u", Self.user, "Filed"])
            try rig.dovecot.doveadm(["move", "-u", Self.user, "Filed", "mailbox", "INBOX", "uid", "1"])
            try rig.dovecot.doveadm(["expunge", "-u", Self.user, "mailbox", "INBOX", "uid", "2"])
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try rig.expectProof(verified: 1, doubtful: 2, delivered: 3)
            // Counted once, not at every replay.
            let again = try await rig.engine().replayOnce(ReplaySelection())
            #expect(again.counts.doubtful == 0)

            let proof = try await Self.prove(rig)
            #expect(Self.numbers(proof) == [1, 1, 1, 0, 0] && proof.verified == 1 && proof.cleared == 1)
            try await rig.journal.append(proof.acts)
            try rig.ledger.catchUp()
            try rig.expectProof(verified: 2, doubtful: 1, delivered: 3)
            let left = try rig.ledger.unverified(wave: "")
            #expect(left.map(\.missing) == [[messages[1].id]] && left.map(\.others) == [[]])
            // A person takes it for good.
            try await rig.journal.append([
                .acceptedUnverified(mailboxID: "id-" + Self.user, ids: [messages[1].id], why: "deleted by its owner")
            ])
            try rig.ledger.catchUp()
            #expect(try rig.ledger.unverified(wave: "").isEmpty)
            try rig.expectProof(verified: 2, delivered: 3)
        }
    }

    @Test("A copy whose folder was made anew before it was compared is counted, not forgotten")
    func otherValidity() async throws {
        try await ReplayRig.run { rig in
            let messages = try await DoubtResolutionTests.setUp(rig, count: 1)
            try await DoubtResolutionTests.leaveIntent(rig, messages)
            let batch = try #require(try rig.openBatch())
            try await rig.journal.append([
                .delivered(batch: batch, uidValidity: 7, copies: [DeliveredCopy(id: messages[0].id, uid: 1)])
            ])
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try rig.expectProof(verified: 0, doubtful: 1, delivered: 1)
        }
    }

    @Test("A doubt stays where the second copy may be in another account, to which the roster sent it before")
    func attemptElsewhere() async throws {
        try await ReplayRig.run { rig in
            let messages = try await DoubtResolutionTests.setUp(rig, count: 1)
            try await DoubtResolutionTests.leaveIntent(rig, messages, login: "other@example.test")
            let batch = try #require(try rig.openBatch())
            try await rig.journal.append([
                .notAppended(batch: batch, ids: messages.map(\.id), reason: "gone"),
                .doubtful(mailboxID: "id-" + Self.user, ids: messages.map(\.id), text: "it may have been there"),
            ])
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try rig.expectProof(verified: 1, doubtful: 1)
            let proof = try await Self.prove(rig)
            #expect(Self.numbers(proof) == [1, 0, 0, 0, 0] && proof.cleared == 0 && proof.acts.isEmpty)
        }
    }

    @Test("A doubt that a replay makes during the look stays; one while the mailbox is being worked on too")
    func overtaken() async throws {
        try await ReplayRig.run { rig in
            let messages = try await Self.deliver(rig, count: 1)
            let doubt = JournalAct.doubtful(mailboxID: "id-" + Self.user, ids: messages.map(\.id), text: "perhaps")
            try await rig.journal.append([doubt])
            try rig.ledger.catchUp()
            let target = try rig.target()
            func prover(_ record: @escaping LiveProver.Recorder) -> LiveProver {
                LiveProver(
                    ledger: rig.ledger, targets: ["t": target], group: MultiThreadedEventLoopGroup.singleton,
                    record: record)
            }
            let record: LiveProver.Recorder = { acts in
                if !acts.isEmpty { try await rig.journal.append(acts) }
                try rig.ledger.catchUp()
            }
            let lock = try #require(
                try SpoolLock.acquire(
                    layout: rig.layout, name: .mailbox(target: "t", login: Self.user), wait: false))
            #expect(try await prover(record).prove(.all).cleared == 0)
            lock.release()
            try rig.expectProof(verified: 1, doubtful: 1)
            #expect(try await prover(record).prove(.all).cleared == 1)
            try rig.expectProof(verified: 1)
        }
    }
}
