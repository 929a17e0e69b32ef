import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test("After a restore an import of mail from before shuts its mailboxes, and nothing of it arrives twice")
    func importAfterRestore() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 2, aliases: 0)
            defer { migration.end() }
            let (site, anna) = (migration.site, migration.mailboxes[0].address)
            _ = try migration.hold(1, seed: 21)
            Self.expect(try site.run(["cutover", "--wave", "first"]), status: 0)
            Self.expect(try site.run(["replay"]), status: 0)
            let (spool, backup) = (site.directory.path + "/spool", site.directory.path + "/backup")
            try FileManager.default.copyItem(atPath: spool, toPath: backup)

            let before = site.directory.path + "/before"
            try Self.send(3, to: anna, migration, seed: 22)
            Self.expect(try site.run(["export", "--all", "--eml", before]), status: 0)
            Self.expect(try site.run(["replay"]), status: 0)
            #expect(try migration.copies(in: migration.mailboxes[0]).count == 4)

            try FileManager.default.moveItem(atPath: spool, toPath: spool + ".lost")
            try FileManager.default.copyItem(atPath: backup, toPath: spool)
            _ = try site.write("", to: "spool/restore")
            Self.expect(try site.run(["replay"]), status: 75)
            Self.expect(try site.run(["replay", "--reconcile"]), status: 0)
            Self.expect(try site.run(["replay"]), status: 0)

            let dry = try site.run(["import", before, "--dry-run"])
            #expect(dry.status == 0 && dry.output.contains("1 mailboxes would be shut"), "\(dry)")
            Self.expect(try site.run(["replay"]), status: 0)
            let taken = try site.run(["import", before])
            #expect(taken.status == 0 && taken.output.contains("3 messages"), "\(taken)")
            #expect(taken.output.contains("to be reconciled first: \(anna): mail from before"), "\(taken)")
            let refused = try site.run(["replay"])
            #expect(refused.status == 75 && refused.errors.contains("replay --reconcile"), "\(refused)")
            Self.expect(try site.run(["reindex"]), status: 0)
            Self.expect(try site.run(["replay"]), status: 75)
            let reconciled = try site.run(["replay", "--reconcile"])
            #expect(reconciled.status == 0 && reconciled.output.contains("3 copies adopted"), "\(reconciled)")
            Self.expect(try site.run(["replay"]), status: 0)
            #expect(try migration.copies(in: migration.mailboxes[0]).count == 4)

            let again = try site.run(["import", before])
            #expect(again.status == 0 && !again.output.contains("reconciled"), "\(again)")
        }
    }

    private static func send(_ count: Int, to address: String, _ migration: Migration, seed: UInt64) throws {
        let server = try migration.site.startServer()
        var samples = SampleMail(seed: seed)
        let client = try SMTPClient(port: server.port)
        for _ in 0..<count {
            #expect(try client.send(samples.make(.plainText, to: [address])).acknowledgedID != nil)
        }
        try server.terminate()
    }
}
