import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test(
        "rehearse copies, forecasts and leaves nothing; killed at any moment, the next one cleans up, and mail goes once"
    )
    func rehearse() async throws {
        let seed = TestSeed.announced(for: "rehearse")
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 4, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            let held = try migration.hold(20, seed: seed)
            let audit = try site.run(["audit", "--format", "json"]).output
            let first = try site.run(["rehearse", "--all", "--into", "Trial", "--reason", "to see"])
            Self.expect(first, status: 0)
            #expect(first.output.contains("\(held) messages") && first.output.contains("take about"), "\(first)")
            var random = SeededGenerator(seed: seed)
            for _ in 0..<6 {
                let process = try site.start(["rehearse", "--all", "--into", "Trial"])
                usleep(UInt32.random(in: 50_000...600_000, using: &random))
                process.kill()
            }
            let cleaned = try site.run(["rehearse", "--clean"])
            Self.expect(cleaned, status: 0)
            for mailbox in migration.mailboxes {
                let folders = try migration.dovecot.doveadm(["mailbox", "list", "-u", mailbox.address])
                #expect(!String(decoding: folders, as: UTF8.self).contains("Trial"), "\(mailbox.address)")
                #expect(try migration.copies(in: mailbox).isEmpty)
            }
            #expect(try site.run(["audit", "--format", "json"]).output == audit)
            Self.expect(try site.run(["fsck"]), status: 0)

            Self.expect(try site.run(["cutover", "--all"]), status: 0)
            Self.expect(try site.run(["replay"]), status: 0)
            let found = try migration.inspect()
            #expect(found.faults.isEmpty && found.copies == held, "\(found.faults.prefix(5))")
            let left = try site.run(["rehearse", "--all"])
            #expect(left.errors.contains("4 mailboxes are cut over already"), "\(left)")
        }
    }
}
