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

    private static func prove(_ rig: ReplayRig, port: Int? = nil) async throws -> LiveProof {
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
}
