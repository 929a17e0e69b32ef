import Ledger
import MailModel
import Replayer
import Spool
import Synchronization
import TestKit
import Testing

/// I07, I09: servers that refuse, or say yes and do no, are given up after a few attempts, and nothing is lost or parked for it.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct OddServerTests {
    static let user = "u@example.test"
    static let examined = ["* 0 EXISTS", "* OK [UIDVALIDITY 1] ok", "* OK [UIDNEXT 257] ok", "TAG OK [READ-ONLY] done"]

    /// Replays three messages into a server with a rule.
    static func replay(
        folder: String = "INBOX", _ rule: @escaping AnsweringIMAPServer.Rule,
        _ test: (ReplayReport, AnsweringIMAPServer, ReplayRig) throws -> Void
    ) async throws {
        try await ReplayRig.run { rig in
            let server = try await AnsweringIMAPServer(rule)
            for number in 0..<4 { try await rig.accept(ReplayRig.text(number), to: [user]) }
            try await rig.cutOver([ReplayRig.mailbox(user, folder: folder)])
            let report = try await rig.engine(port: server.port, settle: .milliseconds(100)).replayOnce(
                ReplaySelection())
            try test(report, server, rig)
            await server.close()
        }
    }

    @Test(
        "A server that says OK and stores nothing is asked once, given its time, and then a person is; everything stays held"
    )
    func liar() async throws {
        try await Self.replay {
            $0 == "EXAMINE" ? Self.examined : []
        } _: { report, server, rig in
            #expect(report.problems.map(\.error.code) == [.notShown])
            #expect(report.counts.delivered == 0 && report.failed == 0)
            #expect(server.count("APPEND") == 1)
            try rig.expectProof(verified: 0, held: 4, doubtful: 1)
        }
    }

    @Test(
        "A server that names UIDs and stores nothing there is found out, whether its UIDNEXT stands still or rises",
        arguments: [false, true])
    func lyingUIDs(rises: Bool) async throws {
        let appends = Mutex(0)
        try await Self.replay { verb in
            switch verb {
            case "EXAMINE" where rises:
                [
                    "* 0 EXISTS", "* OK [UIDVALIDITY 1] ok", "* OK [UIDNEXT \(257 + appends.withLock { $0 })] ok",
                    "TAG OK done",
                ]
            case "EXAMINE": Self.examined
            case "APPEND":
                ["TAG OK [APPENDUID 1 \(appends.withLock { count in defer { count += 1 }; return 257 + count })] done"]
            // Somebody else's message stands where ours should.
            case "UID" where rises:
                ["* 1 FETCH (UID 257 RFC822.SIZE 4 BODY[] {4}", "a: b)", "TAG OK done"]
            default: []
            }
        } _: { report, server, rig in
            // What has raised UIDNEXT may have been ours, and been removed: it counts, and is doubtful.
            let isFoundOut = report.problems.map(\.error.code) == [.notShown]
            #expect(isFoundOut || rises && report.problems.isEmpty, "\(report.problems)")
            #expect(report.counts.delivered == 0 || rises)
            #expect(server.count("APPEND") <= 4)
            let proof = try rig.ledger.prove()
            #expect(proof.isBalanced && proof.counts.verified == 0)
            // Nothing that could not be seen may count as delivered without a word.
            #expect(proof.counts.delivered <= proof.counts.doubtful)
        }
    }

    @Test("A server that always says TRYCREATE is asked to make the folder once")
    func tryCreate() async throws {
        try await Self.replay(folder: "Old mail") { verb in
            switch verb {
            case "EXAMINE": Self.examined
            case "APPEND": ["TAG NO [TRYCREATE] no such mailbox"]
            default: []
            }
        } _: { report, server, rig in
            #expect(report.problems.map(\.error.code) == [.noMailbox])
            #expect(server.count("CREATE") == 1 && server.count("APPEND") == 2)
            try rig.expectProof(verified: 0, held: 4)
        }
    }

    @Test("A refusal without a reason is the quota's where the quota says so: no message is parked")
    func hiddenQuota() async throws {
        try await Self.replay { verb in
            switch verb {
            case "EXAMINE": Self.examined
            case "APPEND": ["TAG NO APPEND failed"]
            case "GETQUOTAROOT": ["* QUOTAROOT INBOX \"\"", "* QUOTA \"\" (STORAGE 100 100)", "TAG OK done"]
            default: []
            }
        } _: { report, server, rig in
            #expect(report.problems.map(\.error.code) == [.overQuota])
            #expect(server.count("APPEND") == 1)
            try rig.expectProof(verified: 0, held: 4)
        }
    }

    @Test("When message after message is refused without a reason, it is the mailbox that is meant, not each of them")
    func unexplained() async throws {
        try await Self.replay { verb in
            switch verb {
            case "EXAMINE": Self.examined
            case "APPEND": ["TAG NO APPEND failed"]
            default: []
            }
        } _: { report, _, rig in
            #expect(report.problems.map(\.error.code) == [.refused])
            try rig.expectProof(verified: 0, held: 4)
        }
    }
}
