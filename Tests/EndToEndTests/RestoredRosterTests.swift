import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test("After a restore a changed roster shuts a mailbox where old mail comes to it, and every command says why")
    func rosterAfterRestore() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 2, aliases: 0)
            defer { migration.end() }
            let (site, anna) = (migration.site, migration.mailboxes[0].address)
            _ = try migration.hold(1, seed: 11)
            let server = try site.startServer()
            var samples = SampleMail(seed: 12)
            let sent = try SMTPClient(port: server.port).send(samples.make(.plainText, to: ["old@example.test"]))
            #expect(sent.acknowledgedID != nil)
            try server.terminate()
            _ = try site.write("", to: "spool/restore")
            Self.expect(try site.run(["replay"]), status: 75)
            Self.expect(try site.run(["replay", "--reconcile"]), status: 0)

            func importing(_ aliases: String) throws -> CommandResult {
                let rows = "mailbox,login,target,wave,aliases\n\(anna),\(anna),ox,first,\(aliases)\n"
                return try site.run(["roster", "import", site.write(rows, to: "changed.csv")])
            }
            let harmless = try importing("new@example.test")
            #expect(harmless.status == 0 && !harmless.output.contains("reconcile"), "\(harmless)")
            #expect(try !site.run(["roster", "list"]).output.contains("to be reconciled"))
            Self.expect(try site.run(["cutover", "--mailbox", anna]), status: 0)
            Self.expect(try site.run(["replay"]), status: 0)

            let words = "came to 1 mailboxes by changes of the roster"
            let shut = try importing("new@example.test old@example.test")
            #expect(shut.output.contains("to be reconciled first: \(anna): mail from before"), "\(shut)")
            for verb in [["cutover", "--mailbox", anna], ["status"], ["replay"]] {
                let result = try site.run(verb)
                #expect("\(result)".contains(words) && "\(result)".contains("replay --reconcile"), "\(result)")
                #expect(result.status == (verb == ["replay"] ? 75 : 0), "\(result)")
            }
            Self.expect(try site.run(["fsck"]), status: 0)
            Self.expect(try site.run(["replay", "--reconcile"]), status: 0)
            Self.expect(try site.run(["replay"]), status: 0)
            #expect(try migration.copies(in: migration.mailboxes[0]).count == 2)
            let assigned = try site.run(["assign", "free@example.test", anna])
            #expect(assigned.status == 0 && !assigned.output.contains("reconcile"), "\(assigned)")
        }
    }
}
