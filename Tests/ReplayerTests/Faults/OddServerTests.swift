import MailModel
import Replayer
import Spool
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

    @Test("A server that says OK and stores nothing is given up, on one connection, and everything stays held")
    func liar() async throws {
        try await Self.replay {
            $0 == "EXAMINE" ? Self.examined : []
        } _: { report, server, rig in
            #expect(report.problems.map(\.error.code) == [.refused])
            #expect(report.counts.delivered == 0 && report.failed == 0)
            #expect(server.count("LOGIN") == 1 && server.count("APPEND") <= 8)
            try rig.expectProof(verified: 0, held: 4)
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
            try rig.expectProof(verified: 0, held: 2, failed: 2)
        }
    }
}
