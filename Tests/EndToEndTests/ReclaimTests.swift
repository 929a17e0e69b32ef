import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// The end of a migration: the wave is closed, the disk comes back, and nothing is forgotten.
    @Test("After a wave is closed its bytes are given back, and audit, prove and show answer as before")
    func reclaim() async throws {
        let seed = TestSeed.announced(for: "reclaim")
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 2, aliases: 1, retention: "0 s")
            defer { migration.end() }
            let site = migration.site
            var samples = SampleMail(seed: seed)
            var ids: [String] = []
            let server = try site.startServer()
            let client = try SMTPClient(port: server.port)
            for number in 0..<60 {
                let mailbox = migration.mailboxes[number % 2]
                let mail =
                    number == 7
                    ? samples.large(3_000_000, to: [mailbox.address])
                    : samples.make(
                        .plainText, to: number % 10 == 0 ? [mailbox.address, mailbox.aliases[0]] : [mailbox.address])
                ids.append(try #require(try client.send(mail).acknowledgedID))
            }
            #expect(try client.command("QUIT").code == 221)
            try server.terminate()
            try Self.expect(site.run(["roster", "import", migration.rosterFile]), status: 0)
            try Self.expect(site.run(["cutover", "--all"]), status: 0)
            try Self.expect(site.run(["replay"]), status: 0)
            // Nothing goes before the wave is closed, nor from the segment that is the last.
            try Self.expectReclaimed(migration, segments: 1)
            try Self.receiveOneMore(migration, &samples)
            try Self.expectReclaimed(migration, segments: 2)
            try Self.expect(site.run(["replay"]), status: 0)
            for wave in ["first", "second"] { try Self.expect(site.run(["wave", "close", wave]), status: 0) }

            let audit = try site.run(["audit", "--format", "json"])
            let proof = try migration.prove()
            try Self.expectVanishedMailboxStops(migration)
            let dry = try site.run(["reclaim", "--dry-run", "--accept-vanished"])
            #expect(dry.status == 0 && dry.output.contains("would be removed"), "\(dry)")
            #expect(try Self.segments(migration) == 2)
            let reclaimed = try site.run(["reclaim", "--accept-vanished"])
            #expect(reclaimed.status == 0 && reclaimed.output.contains("removed: 60 messages"), "\(reclaimed)")
            #expect(try Self.segments(migration) == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: site.directory.path + "/spool/large").isEmpty)

            try Self.expectSameAnswers(migration, audit, proof)
            try FileManager.default.removeItem(atPath: site.directory.path + "/spool/ledger.sqlite")
            try Self.expectSameAnswers(migration, audit, proof)
            try Self.expect(site.run(["reindex"]), status: 0)
            try Self.expectSameAnswers(migration, audit, proof)
            try Self.expectShowSaysWhere(migration, ids[3])
        }
    }

    private static func segments(_ migration: Migration) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: migration.site.directory.path + "/spool/segments")
            .count { $0.hasSuffix(".seg") }
    }

    private static func expectReclaimed(_ migration: Migration, segments: Int) throws {
        try expect(migration.site.run(["reclaim"]), status: 0)
        #expect(try Self.segments(migration) == segments)
    }

    /// A new start begins a new segment, which closes the one before for good.
    private static func receiveOneMore(_ migration: Migration, _ samples: inout SampleMail) throws {
        let server = try migration.site.startServer()
        let client = try SMTPClient(port: server.port)
        _ = try client.send(samples.make(.plainText, to: [migration.mailboxes[0].address]))
        try server.terminate()
    }

    /// Somebody mirrors the old mailbox over the new one.
    private static func expectVanishedMailboxStops(_ migration: Migration) throws {
        let user = migration.mailboxes[1].address
        _ = try migration.dovecot.doveadm(["expunge", "-u", user, "mailbox", "INBOX", "all"])
        let result = try migration.site.run(["reclaim"])
        #expect(result.status == 75, "\(result)")
        #expect(result.output.contains("STOPPED  \(user)") && result.errors.contains("--accept-vanished"), "\(result)")
        #expect(try Self.segments(migration) == 2)
    }

    private static func expectSameAnswers(_ migration: Migration, _ audit: CommandResult, _ proof: Proof) throws {
        let now = try migration.site.run(["audit", "--format", "json"])
        #expect(now.output == audit.output)
        #expect(try migration.prove() == proof && proof.balanced)
        try expect(migration.site.run(["fsck"]), status: 0)
    }

    private static func expectShowSaysWhere(_ migration: Migration, _ id: String) throws {
        let shown = try migration.site.run(["show", id])
        #expect(shown.status == 0 && shown.output.contains("its bytes were reclaimed on "), "\(shown)")
        #expect(shown.output.contains("verified copy in mailbox u1@example.test uid "), "\(shown)")
        let raw = try migration.site.run(["show", id, "--raw"])
        #expect(raw.status == 65 && raw.errors.contains("reclaimed"), "\(raw)")
    }
}
