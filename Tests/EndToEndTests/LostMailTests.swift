import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test("Lost mail breaks every proof, is named, and is not forgotten before a person says so; nor are its acts then")
    func lostMail() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 2, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            let large = try Self.holdLarge(migration)
            _ = try migration.hold(2, seed: 2)
            try Self.expect(site.run(["cutover", "--wave", "first"]), status: 0)
            try Self.expect(site.run(["replay"]), status: 0)
            let sound = try site.run(["prove", "--wave", "first", "--format", "json"])
            #expect(try Proof(sound).balanced && Proof(sound).accepted == 3, "\(sound)")

            let spool = site.directory.appending(path: "spool")
            let (segment, away) = (
                spool.appending(path: "segments/00000001.seg"), site.directory.appending(path: "away")
            )
            try FileManager.default.moveItem(at: segment, to: away)
            for words in [["--wave", "first"], ["--domain", "example.test"], ["--wave", "first", "--live"], []] {
                let prove = try site.run(["prove"] + words)
                Self.expect(prove, status: 65)
                #expect(prove.output.contains(/balanced +NO/) && prove.errors.contains("layover fsck"), "\(prove)")
                #expect(prove.errors.contains("do not reindex"), "\(prove)")
            }
            try Self.expect(site.run(["prove", "--wave", "second"]), status: 0)

            func expectMissing() throws {
                let fsck = try site.run(["fsck"])
                Self.expect(fsck, status: 65)
                #expect(fsck.output.contains("MISSING  message \(large):"), "\(fsck)")
                #expect(
                    fsck.output.contains("/large/\(large): its message was accepted and its record is gone"), "\(fsck)")
            }
            try expectMissing()
            let refused = try site.run(["reindex"])
            Self.expect(refused, status: 65)
            #expect(
                refused.errors.contains("\(large)") && refused.errors.contains("--forget-missing-mail"), "\(refused)")
            try expectMissing()
            let forgotten = try site.run(["reindex", "--forget-missing-mail"])
            #expect(forgotten.status == 0 && forgotten.output.contains("1 messages are forgotten"), "\(forgotten)")
            // The journal still knows what became of it, and nothing is proven without it; what is asked of others is.
            try expectMissing()
            let proof = try site.run(["prove"])
            Self.expect(proof, status: 65)
            #expect(proof.output.contains(/lost +1\n/) && proof.errors.contains("1 accepted messages"), "\(proof)")
            try Self.expect(site.run(["prove", "--wave", "second"]), status: 0)

            try FileManager.default.moveItem(at: away, to: segment)
            let mended = try site.run(["fsck"])
            #expect(mended.status == 0 && mended.output.contains("repaired"), "\(mended)")
            #expect(try site.run(["prove", "--wave", "first", "--format", "json"]).output == sound.output)
        }
    }

    /// A large message for the first mailbox, in a segment of its own; returns its id.
    private static func holdLarge(_ migration: Migration) throws -> String {
        let server = try migration.site.startServer()
        defer { server.kill() }
        var samples = SampleMail(seed: 1)
        let mail = samples.large(3_000_000, to: [migration.mailboxes[0].address])
        let id = try #require(try SMTPClient(port: server.port).send(mail).acknowledgedID)
        try server.terminate()
        return id
    }

    @Test("fsck names a record whose bytes have changed, and leaves the index what it read while they were sound")
    func damagedSubject() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 1, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            _ = try migration.hold(1, seed: 5)
            let before = try site.run(["audit", "--format", "json"])
            let segment = site.directory.appending(path: "spool/segments/00000001.seg")
            var bytes = try Data(contentsOf: segment)
            bytes[try #require(bytes.range(of: Data("\r\nSubject: ".utf8))).upperBound] ^= 1
            try bytes.write(to: segment)
            for _ in 0..<2 {
                let fsck = try site.run(["fsck"])
                Self.expect(fsck, status: 65)
                #expect(fsck.output.contains("DAMAGED") && !fsck.output.contains("INDEX"), "\(fsck)")
                #expect(fsck.output.contains("kept     1 subjects and Message-IDs"), "\(fsck)")
                #expect(try site.run(["audit", "--format", "json"]).output == before.output)
            }
        }
    }

    @Test("status, wave list and the end of a replay count alike: mail for no mailbox, and a cutover that is to come")
    func countsAgree() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 2, aliases: 0, receive: "unknown_recipients = \"hold\"")
            defer { migration.end() }
            let site = migration.site
            let server = try site.startServer()
            defer { server.kill() }
            let client = try SMTPClient(port: server.port)
            var samples = SampleMail(seed: 3)
            let ids = try (0..<3).map { number in
                let mail = samples.make(.plainText, to: ["stranger\(number)@example.test"])
                return try #require(try client.send(mail).acknowledgedID)
            }
            try server.terminate()
            _ = try migration.hold(1, seed: 4)
            try Self.expect(site.run(["drop", ids[0], "--reason", "spam"]), status: 0)
            try Self.expect(site.run(["cutover", "--wave", "first"]), status: 0)
            try Self.expect(site.run(["cutover", "--wave", "second", "--at", "2036-11-27T20:00Z"]), status: 0)

            let replay = try site.run(["replay"])
            #expect(replay.output.contains("3 held (2 of them for no mailbox of the roster)"), "\(replay)")
            #expect(try site.run(["replay", "--wave", "second"]).output.contains("1 held;"))
            let status = try site.run(["status"]).output
            #expect(status.contains(#/held +3 /#) && status.contains(/no mailbox +2 deliveries/), "\(status)")
            #expect(status.contains("wave first: open, 1 of 1 mailboxes cut over, 0 held"), "\(status)")
            #expect(status.contains("wave second: open, 0 of 1 mailboxes cut over, 1 scheduled, 1 held"), "\(status)")
            #expect(try site.run(["wave", "list"]).output.contains("0, 1 scheduled"))

            // What a mailbox was given stays in every count when it leaves the roster.
            let rows = "mailbox,login,target,wave,aliases\nu1@example.test,u1@example.test,ox,second,\n"
            let roster = try site.write(rows, to: "left.csv")
            try Self.expect(site.run(["roster", "import", "--replace", roster]), status: 0)
            let report = try site.run(["report"])
            #expect(report.output.contains(#/\(removed mailboxes\) +1 +1 /#), "\(report)")
            let live = try site.run(["prove", "--live"])
            #expect(live.status == 0 && live.output.contains(/live_present +1\n/), "\(live)")
        }
    }
}
