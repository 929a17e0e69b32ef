import Foundation
import Ledger
import Logging
import MailModel
import NIOCore
import NIOPosix
import Spool
import TestKit
import Testing

@testable import Replayer

/// A spool of its own and a stand-in for Zimbra.
struct ZimbraRig: Sendable {
    let rig: ReplayRig
    let zimbra: ZimbraStandIn

    static let user = "u@example.test"

    static func run(
        _ settings: ZimbraSettings = ZimbraSettings(), _ test: (ZimbraRig) async throws -> Void
    ) async throws {
        // Never started: the rig wants one, and nothing here logs in to it.
        let dovecot = try ThrowawayDovecot()
        defer { dovecot.remove() }
        let zimbra = try await ZimbraStandIn(settings)
        try await ReplayRig.run(dovecot) { rig in try await test(ZimbraRig(rig: rig, zimbra: zimbra)) }
        await zimbra.close()
    }

    func replay(settle: Duration = .seconds(1), reply: Duration = .seconds(30)) async throws -> ReplayReport {
        try await engine(settle: settle, reply: reply).replayOnce(ReplaySelection())
    }

    func engine(
        settle: Duration = .seconds(1), reply: Duration = .seconds(30),
        pausesAfterRefusal: [Duration] = [.milliseconds(10), .milliseconds(20)]
    ) throws -> ReplayEngine {
        ReplayEngine(
            ledger: rig.ledger, journal: rig.journal,
            targets: ["t": try target(settle: settle, reply: reply, pausesAfterRefusal: pausesAfterRefusal)],
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func target(
        settle: Duration = .seconds(1), reply: Duration = .seconds(30), pausesAfterRefusal: [Duration] = []
    ) throws -> ReplayTarget {
        let file = rig.layout.directory + "/zimbra-password"
        try Data("master\n".utf8).write(to: URL(filePath: file))
        var target = ReplayTarget(
            name: "t", endpoint: IMAPEndpoint(host: "127.0.0.1", port: zimbra.port, security: .none), kind: .zimbra,
            credentials: TargetCredentials(method: .authzid(user: "migrator"), passwordFile: file), connections: 4,
            settle: settle)
        target.pausesAfterRefusal = pausesAfterRefusal
        target.pausesInOutage = []
        target.limits.reply = .milliseconds(reply.components.seconds * 1000)
        return target
    }

    /// Accepts so many messages for the user, which is cut over.
    func accept(_ count: Int, octets: Int = 300) async throws -> [ReplayRig.Accepted] {
        var messages: [ReplayRig.Accepted] = []
        for number in 0..<count {
            messages.append(try await rig.accept(ReplayRig.text(number, octets: octets), to: [Self.user]))
        }
        try await rig.cutOver([ReplayRig.mailbox(Self.user)])
        return messages
    }

    /// Waits until the mailbox holds so many, for two seconds at most.
    func untilStored(_ count: Int) async throws {
        for _ in 0..<400 where zimbra.messages(Self.user).count < count {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The mailbox holds these messages, each once, octet for octet, in this order, and nothing else.
    func expect(
        _ messages: [ReplayRig.Accepted], in user: String = user, folder: String = "INBOX", ordered: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let found = zimbra.messages(user, in: folder)
        let expected = messages.map { $0.copy(for: user) }
        if ordered {
            #expect(found == expected, sourceLocation: sourceLocation)
        } else {
            #expect(Set(found) == Set(expected) && found.count == expected.count, sourceLocation: sourceLocation)
        }
    }
}
