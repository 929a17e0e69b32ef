import Foundation
import Ledger
import Logging
import MailModel
import NIOPosix
import Spool
import TestKit
import Testing

@testable import Replayer

/// Mail that a gateway has called junk goes into the junk folder of the new mailbox, by the same rules as all other mail.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct JunkTests {
    static let user = "u@example.test"

    private static func accept(_ rig: ReplayRig, _ numbers: Range<Int>) async throws -> [Bool: [ReplayRig.Accepted]] {
        var accepted: [Bool: [ReplayRig.Accepted]] = [:]
        for number in numbers {
            let isJunk = number % 3 == 1
            let message = try await rig.accept(ReplayRig.text(number), to: [user], isJunk: isJunk)
            accepted[isJunk, default: []].append(message)
        }
        return accepted
    }

    @Test("Junk goes into its folder, which is made, and the order of arrival is kept in both; later junk too")
    func filed() async throws {
        try await ReplayRig.run { rig in
            var all = try await Self.accept(rig, 0..<20)
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let report = try await rig.engine().replayOnce(ReplaySelection())
            #expect(report.problems.isEmpty, "\(report.problems)")
            all.merge(try await Self.accept(rig, 20..<30)) { $0 + $1 }
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try await rig.expectExactlyOnce(all[false] ?? [], in: Self.user)
            try await rig.expectExactlyOnce(all[true] ?? [], in: Self.user, folder: "Junk")
            try rig.expectProof(verified: 30)
        }
    }

    @Test("An index that is built anew, and a reconciled spool, know what is junk and where it went")
    func rebuilt() async throws {
        try await ReplayRig.run { rig in
            let all = try await Self.accept(rig, 0..<9)
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let backup = try rig.backUp()
            _ = try await rig.engine().replayOnce(ReplaySelection())
            let again = try ReplayRig(rig.server, restored: backup)
            defer { again.remove() }
            _ = try await again.engine().reconcile()
            let late = try await again.accept(ReplayRig.text(9), to: [Self.user], isJunk: true)
            _ = try await again.engine().replayOnce(ReplaySelection())
            try await again.expectExactlyOnce(all[false] ?? [], in: Self.user)
            try await again.expectExactlyOnce((all[true] ?? []) + [late], in: Self.user, folder: "Junk")
            try again.expectProof(verified: 10)
        }
    }

    @Test("Where the server will not have the folder, junk goes with other mail, in its place")
    func noFolder() async throws {
        try await ReplayRig.run { rig in
            let all = try await Self.accept(rig, 0..<9)
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let plain = try rig.target()
            // A name that Dovecot refuses.
            let target = ReplayTarget(
                name: plain.name, endpoint: plain.endpoint, kind: plain.kind, credentials: plain.credentials,
                connections: 1, settle: .seconds(1), junkFolder: "Junk/../Spam")
            let engine = ReplayEngine(
                ledger: rig.ledger, journal: rig.journal, targets: ["t": target],
                group: MultiThreadedEventLoopGroup.singleton,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let report = try await engine.replayOnce(ReplaySelection())
            #expect(report.problems.isEmpty, "\(report.problems)")
            let inOrder = ((all[false] ?? []) + (all[true] ?? [])).sorted { $0.id < $1.id }
            try await rig.expectExactlyOnce(inOrder, in: Self.user)
            try rig.expectProof(verified: 9)
        }
    }

    @Test("Junk whose answer was lost is looked for in its own folder, and is there once")
    func lostAnswer() async throws {
        try await ReplayRig.run { rig in
            let all = try await Self.accept(rig, 0..<9)
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            // Of each connection's first APPEND no answer arrives: first of the one into INBOX, then of the one into Junk.
            let proxy = try await IMAPFaultProxy(to: rig.server.port) { _, number in
                number < 4 ? .cut(.toClient, octets: 0) : .none
            }
            for _ in 0..<6 where try await rig.engine(port: proxy.port).replayOnce(ReplaySelection()).held > 0 {}
            await proxy.close()
            try await rig.expectExactlyOnce(all[false] ?? [], in: Self.user)
            try await rig.expectExactlyOnce(all[true] ?? [], in: Self.user, folder: "Junk")
            try rig.expectProof(verified: 9)
        }
    }
}
