import Foundation
import TestKit
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    private static let berlin = ["/usr/bin/env", "TZ=Europe/Berlin"]

    @Test("A cutover says how many, when by the wall clock and in UTC, and until when it can be taken back")
    func cutoverWords() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 4, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            let held = try migration.hold(2, seed: 1)
            let except = try site.write("# stays\n\nu2@example.test\n", to: "except")
            let words = ["cutover", "--wave", "first", "--at", "2036-11-27T20:00+01:00", "--except", except]
            let dry = try site.run(words + ["--dry-run"], under: Self.berlin)
            Self.expect(dry, status: 0)
            #expect(dry.output.contains("1 of 1 mailboxes would cut over, 2 messages held"), "\(dry)")
            #expect(dry.output.contains(/from 2036-11-27 20:00:00 \S+, that is 2036-11-27T19:00:00.000Z/), "\(dry)")
            #expect(dry.output.contains("nothing was done"))
            #expect(try !site.run(["roster", "list"]).output.contains("holding until"))

            let done = try site.run(words + ["--reason", "first weekend"], under: Self.berlin)
            #expect(done.output.contains("it can be taken back whole until 2036-11-27 20:00:00"), "\(done)")
            let roster = try site.run(["roster", "list"]).output.split(separator: "\n")
            #expect(roster.filter { $0.contains("holding until 2036-11-27T19:00:00") }.count == 1, "\(roster)")
            #expect(roster.first { $0.contains("holding until") }?.hasPrefix("u0@example.test") == true)
            let history = try site.run(["roster", "show", "u0@example.test"]).output
            #expect(history.contains("cutover") && history.contains("(first weekend)"), "\(history)")
            Self.expect(try site.run(["replay"]), status: 0)
            #expect(try migration.prove().held == held)

            // What is scheduled can be brought forward; without a follower nothing goes before `replay`.
            let now = try site.run(["cutover", "--mailbox", "u0@example.test"])
            #expect(now.output.contains("1 of 1 mailboxes cut over") && now.output.contains("layover replay"), "\(now)")
            let undone = try site.run(["cutover", "--mailbox", "u0@example.test", "--undo", "--reason", "too early"])
            #expect(undone.output.contains("1 of 1 mailboxes hold again, 2 messages held"), "\(undone)")
            Self.expect(try site.run(["replay"]), status: 0)
            #expect(try migration.prove().held == held)
            #expect(try site.run(["roster", "show", "u0@example.test"]).output.contains("(too early)"))
        }
    }

    @Test(
        "Where a follower runs, a grace comes before the first delivery; undo and pause within it leave held mail untouched"
    )
    func cutoverGrace() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 2, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            let held = try migration.hold(3, seed: 2)
            let server = try site.startServer("serve")
            defer { server.kill() }
            let cut = try site.run(["cutover", "--all", "--grace", "1 h", "--reason", "by mistake"])
            Self.expect(cut, status: 0)
            #expect(cut.output.contains("it can be taken back whole until"), "\(cut)")
            Self.expect(try site.run(["cutover", "--all", "--undo"]), status: 0)
            Self.expect(try site.run(["cutover", "--wave", "first", "--grace", "5 s"]), status: 0)
            Self.expect(try site.run(["pause", "--wave", "first", "--reason", "wait for Anna"]), status: 0)
            Self.expect(try site.run(["cutover", "--wave", "second", "--grace", "6 s"]), status: 0)
            // When the second wave has gone, the follower has looked after the grace of the first was over.
            Self.expect(try site.run(["replay", "--wave", "second"]), status: 0)
            var proof = try migration.prove()
            #expect((proof.held, proof.delivered) == (held / 2, held / 2), "\(proof)")
            let lines = try AuditLine.lines(of: site.run(["audit", "--wave", "first", "--format", "json"]))
            #expect(lines.allSatisfy { $0.state == "held" && $0.attempts == 0 && $0.lastError == nil })
            Self.expect(try site.run(["resume", "--wave", "first", "--reason", "Anna is there"]), status: 0)
            // `replay` beside a follower waits for what is still in its grace.
            Self.expect(try site.run(["replay"]), status: 0)
            proof = try migration.prove()
            #expect((proof.held, proof.delivered) == (0, held), "\(proof)")
            let history = try site.run(["roster", "show", "u0@example.test"]).output
            #expect(history.contains("(wait for Anna)") && history.contains("(Anna is there)"), "\(history)")
            #expect(try server.terminate() == .exited(0))
        }
    }

    @Test("An undo that waits for a mailbox that is being replayed counts what is there when it has waited")
    func undoBesideReplay() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 1, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            _ = try migration.hold(1, seed: 9)
            Self.expect(try site.run(["cutover", "--all"]), status: 0)
            Self.expect(try site.run(["replay"]), status: 0)
            // As if a replay worked on it.
            let locks = site.directory.appending(path: "spool/locks").path
            let name = try #require(
                try FileManager.default.contentsOfDirectory(atPath: locks).first { $0.hasPrefix("mailbox-") })
            let lock = open("\(locks)/\(name)", O_RDWR | O_CLOEXEC)
            #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
            let undo = try site.start(["cutover", "--all", "--undo"])
            defer { undo.kill() }
            // It takes a receiver longer to start than the command to have looked.
            let server = try site.startServer()
            var samples = SampleMail(seed: 10)
            let mail = samples.make(.plainText, to: [migration.mailboxes[0].address])
            #expect(try SMTPClient(port: server.port).send(mail).acknowledgedID != nil)
            close(lock)
            #expect(try undo.wait(within: .seconds(30)) == .exited(0))
            let words = String(decoding: undo.outputBytes, as: UTF8.self)
            #expect(words.contains("1 of 1 mailboxes hold again, 1 messages held"), "\(words)")
            #expect(words.contains("1 messages are delivered already"), "\(words)")
            #expect(try server.terminate() == .exited(0))
        }
    }
}
