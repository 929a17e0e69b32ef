import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// Whose mail an address is, from the socket to the mailbox.
    @Test("Extensions, postmaster and an assigned address reach their mailboxes; coverage names who has none")
    func addresses() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(
                mailboxes: 2, aliases: 1,
                receive: "recipient_delimiter = \"+-\"\npostmaster = \"u1@\(Migration.domain)\"")
            defer { migration.end() }
            let (first, second) = (migration.mailboxes[0], migration.mailboxes[1])
            let server = try migration.site.startServer()
            let client = try SMTPClient(port: server.port)
            for (recipient, count) in [
                ("u0+shop@example.test", 1), ("u0-shop@example.test", 1), ("a0.0+x@example.test", 1), ("postmaster", 1),
                ("Abuse@example.test", 1), ("lost@example.test", 2), ("lost+x@example.test", 1),
            ] {
                for number in 0..<count {
                    let content = Array("Subject: \(recipient) \(number)\r\n\r\nx\r\n".utf8)
                    let outcome = try client.send(
                        OutgoingMail(name: recipient, sender: "a@b.test", recipients: [recipient], content: content))
                    _ = try #require(outcome.acknowledgedID, "\(recipient): \(outcome)")
                }
            }
            try client.command("QUIT")
            #expect(try server.terminate() == .exited(0))
            try Self.expect(migration.site.run(["roster", "import", migration.rosterFile]), status: 0)

            let coverage = try migration.site.run(["roster", "coverage", "--format", "json"])
            #expect(coverage.outputLines.count == 2 && coverage.outputLines[0].contains("\"recipient\":\"lost@"))
            #expect(coverage.outputLines[0].contains("\"held\":2"))
            try Self.expectAssignment(migration)

            try Self.expect(migration.site.run(["cutover", "--all"]), status: 0)
            try Self.expect(migration.site.run(["replay"]), status: 0)
            #expect(try migration.copies(in: first).count == 6)
            #expect(try migration.copies(in: second).count == 2)
            let proof = try migration.prove()
            #expect(proof.balanced && proof.addsUp && (proof.verified, proof.held) == (8, 0))
            let lines = try AuditLine.lines(
                of: migration.site.run(["audit", "--to", "lost@example.test", "--format", "json"]))
            #expect(lines.count == 2 && lines.allSatisfy { $0.mailbox == first.address && $0.state == "verified" })
            let empty = try migration.site.run(["roster", "coverage"])
            #expect(empty.output.contains("every recipient that was used has a mailbox"))
        }
    }

    private static func expectAssignment(_ migration: Migration) throws {
        let (site, mailbox) = (migration.site, migration.mailboxes[0].address)
        let trial = try site.run(["assign", "lost@example.test", mailbox, "--dry-run"])
        #expect(trial.status == 0 && trial.output.contains("3 held messages would go"), "\(trial)")
        try expect(site.run(["assign", "lost@elsewhere.test", mailbox]), status: 65)
        try expect(site.run(["assign", "lost@example.test", "nobody@example.test"]), status: 65)
        try expect(site.run(["assign", "u1@example.test", mailbox]), status: 65)
        try expect(site.run(["assign", "lost@example.test", "--undo"]), status: 65)
        try expect(site.run(["assign", "lost@example.test"]), status: 64)
        for _ in 1...2 {
            try expect(site.run(["assign", "Lost@example.test", mailbox, "--reason", "said Bob"]), status: 0)
            // An import does not take it away, and the receiver's list has it.
            try expect(site.run(["roster", "import", migration.rosterFile]), status: 0)
            let snapshot = try String(
                contentsOf: site.directory.appending(path: "spool/roster.snapshot"), encoding: .utf8)
            #expect(snapshot.contains("\nlost@example.test\n"))
            let undone = try site.run(["assign", "lost@example.test", "--undo"])
            #expect(undone.status == 0 && undone.output.contains("3 held messages wait again"), "\(undone)")
        }
        try expect(site.run(["assign", "lost@example.test", mailbox]), status: 0)
        #expect(try site.run(["roster", "show", mailbox]).output.contains("said Bob"))
        try expect(site.run(["reindex"]), status: 0)
        try expect(site.run(["fsck"]), status: 0)
    }
}
