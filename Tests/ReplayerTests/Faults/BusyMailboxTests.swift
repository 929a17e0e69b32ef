import Foundation
import Ledger
import MailModel
import NIOPosix
import Spool
import TestKit
import Testing

@testable import Replayer

/// A mailbox in which others are at work while mail is delivered into it.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(3)))
struct BusyMailboxTests {
    fileprivate static let user = "u@example.test"

    private static let mbsync = "/usr/bin/mbsync"

    @Test(
        "With mbsync at work in the same mailbox, and the answer to APPEND lost, every message of either is there once",
        .enabled(if: FileManager.default.isExecutableFile(atPath: mbsync), "needs mbsync (isync)"))
    func mbsyncBeside() async throws {
        try await ReplayRig.run { rig in
            let pushed = 200
            let home = try Self.maildir(pushed, port: rig.dovecot.port)
            defer { try? FileManager.default.removeItem(at: home) }
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, login in
                login % 2 == 0 && login < 6 ? .cut(.toClient, octets: 3) : .none
            }
            var messages: [ReplayRig.Accepted] = []
            for number in 0..<250 { messages.append(try await rig.accept(ReplayRig.text(number), to: [Self.user])) }
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            async let push: Void = onThreadOfItsOwn {
                _ = try HostProgram.run("mbsync", ["-q", "-c", home.path + "/rc", "push"], within: .seconds(60))
            }
            let report = try await rig.engine(port: proxy.port).replayOnce(ReplaySelection())
            try await push
            #expect(report.held == 0 && report.counts.doubtful == 0, "\(report.problems)")
            let found = try await rig.copies(Self.user)
            #expect(found.compactMap(\.id) == messages.map(\.id))
            #expect(found.count { $0.id == nil } == pushed)
            try rig.expectProof(verified: messages.count)
            await proxy.close()
        }
    }

    /// A Maildir with messages, and a configuration of mbsync that pushes them into the user's INBOX.
    private static func maildir(_ count: Int, port: Int) throws -> URL {
        let home = URL(filePath: "/tmp/layover-mbsync-\(UInt32.random(in: 0 ... .max))")
        let files = FileManager.default
        for name in ["new", "cur", "tmp"] {
            try files.createDirectory(at: home.appending(path: "box/\(name)"), withIntermediateDirectories: true)
        }
        for number in 0..<count {
            let text = "From: a@sender.example\nSubject: pushed \(number)\nMessage-ID: <\(number)@pushed>\n\nHello\n"
            try Data(text.utf8).write(to: home.appending(path: "box/new/\(1_790_000_000 + number).\(number).test"))
        }
        let configuration = """
            IMAPStore far
            Host 127.0.0.1
            Port \(port)
            SSLType None
            AuthMechs LOGIN
            User \(user)
            Pass \(ThrowawayDovecot.userPassword)

            MaildirStore near
            Path \(home.path)/
            Inbox \(home.path)/box

            Channel push
            Far :far:
            Near :near:
            Sync Push
            SyncState \(home.path)/state

            """
        try Data(configuration.utf8).write(to: home.appending(path: "rc"))
        return home
    }
}
