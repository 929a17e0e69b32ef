import Ledger
import Logging
import MailModel
import Spool
import TestKit
import Testing

@testable import Replayer

/// Which mailboxes are tried, and when not.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct ReplayBoardTests {
    private static let user = "u@example.test"

    private static func board() -> ReplayBoard {
        ReplayBoard(
            ceilings: ConnectionCeilings(targets: [:], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// A mailbox as the Ledger tells it after these acts.
    private static func status(_ acts: [JournalAct], _ test: (MailboxStatus) async throws -> Void) async throws {
        // Never started: nothing here logs in.
        let dovecot = try ThrowawayDovecot()
        defer { dovecot.remove() }
        try await ReplayRig.run(dovecot) { rig in
            try await rig.accept(ReplayRig.text(1), to: [user])
            try await rig.cutOver([ReplayRig.mailbox(user)])
            if !acts.isEmpty { try await rig.journal.append(acts) }
            try rig.ledger.catchUp()
            try await test(rig.ledger.mailbox(named: user))
        }
    }

    private static func blocked(_ errorClass: String) -> JournalAct {
        .blocked(mailboxID: "id-" + user, errorClass: errorClass, text: "no")
    }

    @Test(
        "A follower that starts anew leaves a mailbox alone that was refused its login before, until a person retries")
    func startedAnew() async throws {
        let board = Self.board()
        try await Self.status([Self.blocked("credentials")]) { status in
            for _ in 0..<2 {
                board.offer([status], forgetting: true)
                #expect(board.take() == nil)
            }
            // A replay of one turn is a person's wish: it tries every login.
            let once = Self.board()
            once.offer([status], forgetting: false)
            #expect(once.take() != nil)
        }
        try await Self.status([
            Self.blocked("credentials"), .retried(mailboxID: "id-" + Self.user, ids: [], why: "mended"),
        ]) { status in
            board.offer([status], forgetting: true)
            #expect(board.take() != nil)
        }
    }

    @Test("What else blocked a mailbox before is tried at once")
    func otherBlocks() async throws {
        for acts in [[Self.blocked("unavailable")], []] {
            try await Self.status(acts) { status in
                let board = Self.board()
                board.offer([status], forgetting: true)
                #expect(board.take() != nil)
            }
        }
    }
}
