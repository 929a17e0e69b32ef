import Foundation
import Ledger
import MailModel
import NIOPosix
import Spool
import TestKit
import Testing

@testable import Replayer

/// A mailbox in which others are at work while mail is delivered into it.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct BusyMailboxTests {
    fileprivate static let user = "u@example.test"

    /// What a user does beside a replay, and what must come of it.
    private struct Acts {
        let dovecot: ThrowawayDovecot
        var moved: Set<String> = []
        var expunged: Set<String> = []

        /// UIDs and our ids of the messages that are in INBOX now.
        func inbox() throws -> [(uid: String, id: String)] {
            let printed = String(
                decoding: try dovecot.doveadm([
                    "-f", "tab", "fetch", "-u", BusyMailboxTests.user, "uid hdr.x-layover-id", "mailbox", "INBOX",
                ]), as: UTF8.self)
            return printed.split(separator: "\n").dropFirst().compactMap { line in
                let fields = line.split(separator: "\t").map(String.init)
                return fields.count == 2 ? (fields[0], fields[1]) : nil
            }
        }

        mutating func move(first: Bool) throws {
            guard let message = first ? try inbox().first : try inbox().last else { return }
            try dovecot.doveadm([
                "move", "-u", BusyMailboxTests.user, "Archive", "mailbox", "INBOX", "uid", message.uid,
            ])
            moved.insert(message.id)
        }

        mutating func expunge(first: Bool) throws {
            guard let message = first ? try inbox().first : try inbox().last else { return }
            try dovecot.doveadm([
                "flags", "add", "-u", BusyMailboxTests.user, "\\Deleted", "mailbox", "INBOX", "uid", message.uid,
            ])
            try dovecot.doveadm(["expunge", "-u", BusyMailboxTests.user, "mailbox", "INBOX", "uid", message.uid])
            expunged.insert(message.id)
        }
    }

    @Test("A user who moves, deletes and expunges mail while it comes has each message once, or has removed it")
    func userActs() async throws {
        try await ReplayRig.run { rig in
            var acts = Acts(dovecot: rig.dovecot)
            var messages: [ReplayRig.Accepted] = []
            try rig.dovecot.doveadm(["mailbox", "create", "-u", Self.user, "Archive"])
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let engine = try rig.engine()
            try await FollowTests.following(engine) {
                for round in 0..<9 {
                    for number in 0..<4 {
                        messages.append(try await rig.accept(ReplayRig.text(round * 4 + number), to: [Self.user]))
                    }
                    try await FollowTests.until { try !acts.inbox().isEmpty }
                    // The oldest and the newest in turn: the newest may not be compared yet.
                    let first = round % 2 == 0
                    if round % 3 == 2 { try acts.expunge(first: first) } else { try acts.move(first: first) }
                }
                try await FollowTests.until { engine.progress.now.delivered == messages.count }
            }
            let inbox = try await rig.copies(Self.user).compactMap { $0.id?.description }
            let archive = try await rig.copies(Self.user, "Archive").compactMap { $0.id?.description }
            let left = messages.map(\.id.description).filter { !acts.expunged.contains($0) }
            #expect((inbox + archive).sorted() == left.sorted())
            #expect(Set(archive) == acts.moved && acts.moved.count == 6 && acts.expunged.count == 3)
            #expect(inbox == left.filter { !acts.moved.contains($0) }, "the order of arrival was not kept")
            let proof = try rig.ledger.prove()
            #expect(proof.isBalanced && proof.counts.delivered == messages.count && proof.counts.held == 0)
            let live = try await LiveProver(
                ledger: rig.ledger, targets: ["t": try rig.target()], group: MultiThreadedEventLoopGroup.singleton
            ).prove(.all)
            #expect(live.doubles.isEmpty && live.missing == acts.expunged.count && live.moved == acts.moved.count)
        }
    }

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
