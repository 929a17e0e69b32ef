import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test("A mailbox that comes into a closed wave is told of at the import, by status, wave list and a second close")
    func closedWave() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 3, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            _ = try migration.hold(1, seed: 15)
            Self.expect(try site.run(["cutover", "--wave", "first"]), status: 0)
            Self.expect(try site.run(["replay"]), status: 0)
            Self.expect(try site.run(["wave", "close", "first"]), status: 0)
            Self.expect(try site.run(["wave", "close", "first"]), status: 0)
            let row = try site.write(
                "mailbox,login,target,wave\nu1@example.test,u1@example.test,ox,first\n", to: "late.csv")
            let imported = try site.run(["roster", "import", row])
            Self.expect(imported, status: 0)
            #expect(
                imported.output.contains(
                    "warning: wave first is closed, and 1 mailboxes come into it (u1@example.test)"))
            let left = "1 mailboxes not cut over, 1 held, 0 parked"
            #expect(try site.run(["status"]).output.contains("; CLOSED, and since then \(left)"))
            #expect(try site.run(["wave", "list"]).output.contains("; since then \(left)"))
            let again = try site.run(["wave", "close", "first"])
            Self.expect(again, status: 75)
            #expect(again.errors.contains(left) && again.errors.contains("layover cutover --wave first"), "\(again)")
        }
    }

    @Test("- stands for no wave everywhere: in a roster, in selections and filters, in wave list and status")
    func noWave() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 2, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            _ = try migration.hold(1, seed: 16)
            let row = try site.write(
                "mailbox,login,target,wave\nu1@example.test,u1@example.test,ox,-\n", to: "none.csv")
            Self.expect(try site.run(["roster", "import", row]), status: 0)
            let cut = try site.run(["cutover", "--wave", "-"])
            Self.expect(cut, status: 0)
            #expect(cut.output.contains("1 of 1 mailboxes cut over"), "\(cut)")
            Self.expect(try site.run(["replay", "--wave", "-"]), status: 0)
            #expect(try AuditLine.lines(of: site.run(["audit", "--wave", "-", "--format", "json"])).count == 1)
            Self.expect(try site.run(["wave", "close", "-", "--reason", "all in"]), status: 0)
            let list = try site.run(["wave", "list"]).output.split(separator: "\n")
            #expect(list.contains { $0.hasPrefix("- ") && $0.contains("closed") && $0.contains("(all in)") }, "\(list)")
            #expect(try site.run(["status"]).output.contains("wave -: closed, 1 of 1 mailboxes cut over"))
        }
    }
}
