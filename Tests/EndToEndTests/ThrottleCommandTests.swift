import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test("throttle is kept, shown by status with who and why, changed in part, and taken back")
    func throttleCommand() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 1, aliases: 0)
            defer { migration.end() }
            try Self.expect(migration.site.run(["roster", "import", migration.rosterFile]), status: 0)
            let run = { (words: [String]) in try migration.site.run(["throttle"] + words) }
            #expect(try run(["ox"]).output == "ox: as configured, 4 connections\n")
            try Self.expect(run(["ox", "--connections", "1", "--reason", "users complain"]), status: 0)
            try Self.expect(run(["ox", "--rate", "50", "--bytes", "2 MiB"]), status: 0)
            let words = "ox: 1 connection, 50 messages/s, 2 MiB/s since "
            let status = try migration.site.run(["status"]).outputLines.first { $0.hasPrefix("throttle") }
            #expect(status?.contains(words) ?? false, "\(status ?? "")")
            #expect(try run(["ox"]).output.hasPrefix(words))
            // The Ledger is derived: what was ordered stands in the journal.
            try Self.expect(migration.site.run(["reindex"]), status: 0)
            #expect(try run(["ox"]).output.hasPrefix(words))

            try Self.expect(run(["ox", "--off"]), status: 0)
            #expect(try run(["ox"]).output == "ox: as configured, 4 connections\n")
            try Self.expect(run(["nowhere", "--connections", "1"]), status: 65)
            try Self.expect(run(["ox", "--connections", "0"]), status: 64)
            try Self.expect(run(["ox", "--off", "--rate", "1"]), status: 64)
            try Self.expect(run(["ox", "--bytes", "much"]), status: 64)
        }
    }
}
