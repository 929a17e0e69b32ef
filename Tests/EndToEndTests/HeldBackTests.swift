import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test("A replay of mailboxes that are not cut over says so with the command, and ends with 0")
    func forgottenCutover() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 4, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            _ = try migration.hold(2, seed: 11)
            let words = "not cut over: 2 mailboxes with 4 held (u0@example.test, u2@example.test)"
            for options in [[], ["--dry-run"]] {
                let result = try site.run(["replay", "--wave", "first"] + options)
                Self.expect(result, status: 0)
                #expect(result.output.contains("\(words): `layover cutover --wave first`"), "\(result)")
            }
            // Of one message only the mailbox that it goes to is told.
            let message = try #require(
                try AuditLine.lines(of: site.run(["audit", "--mailbox", "u0@example.test", "--format", "json"])).first)
            let one = try site.run(["replay", "--message", message.id])
            #expect(one.output.contains("not cut over: 1 mailbox with 2 held (u0@example.test)"), "\(one)")
            Self.expect(try site.run(["cutover", "--wave", "first", "--at", "2036-11-27T20:00+01:00"]), status: 0)
            let scheduled = try site.run(["replay", "--wave", "first"])
            #expect(scheduled.output.contains("not cut over yet: 2 mailboxes with 4 held"), "\(scheduled)")
            let server = try site.startServer("serve")
            defer { server.kill() }
            let watched = try site.run(["replay", "--wave", "second"])
            Self.expect(watched, status: 0)
            #expect(watched.output.contains("`layover cutover --wave second` lets them go"), "\(watched)")
        }
    }

    @Test("A paused mailbox is named with who, why and the remedy by cutover, status and a replay, which ends with 75")
    func pausedMailbox() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 2, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            _ = try migration.hold(2, seed: 12)
            Self.expect(
                try site.run(["pause", "--mailbox", "u0@example.test", "--reason", "wait for Anna"]), status: 0)
            let idle = try site.run(["status"]).output
            #expect(idle.contains("paused: 1 mailbox with 2 held (u0@example.test by ") && !idle.contains("TO DO"))
            let remedy = "`layover resume --mailbox u0@example.test` lets them go"
            let cut = try site.run(["cutover", "--all"])
            #expect(cut.output.contains("\(remedy), and nothing is delivered before"), "\(cut)")
            let replay = try site.run(["replay"])
            Self.expect(replay, status: 75)
            #expect(replay.output.contains("Z: wait for Anna): \(remedy)"), "\(replay)")
            #expect(replay.errors.contains("2 deliveries still held (2 in paused mailboxes, see above)"), "\(replay)")
            let status = try site.run(["status"]).output
            #expect(status.contains("TO DO: paused: 1 mailbox with 2 held (u0@example.test by "), "\(status)")
            let history = try site.run(["roster", "show", "u0@example.test"]).output
            #expect(history.contains("cutover 2 mailboxes") && history.contains("paused u0@example.test"), "\(history)")
        }
    }

    @Test("A cutover at a time that is long past is refused; at one that is just past it says that it is as now")
    func pastCutover() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 1, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            _ = try migration.hold(1, seed: 13)
            let wrong = try site.run(["cutover", "--all", "--at", "2016-11-27T20:00+01:00"])
            Self.expect(wrong, status: 64)
            #expect(wrong.errors.contains("more than a day ago: is the year right?"), "\(wrong)")
            #expect(wrong.errors.contains("Usage: layover cutover"), "\(wrong)")
            #expect(try site.run(["roster", "list"]).output.contains("holding"))
            let past = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: -3_600))
            let late = try site.run(["cutover", "--all", "--at", past])
            Self.expect(late, status: 0)
            #expect(late.output.contains("that is past: it is as without --at"), "\(late)")
        }
    }
}
