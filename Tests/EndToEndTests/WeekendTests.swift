import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test("The end report tells each mailbox and wave, as table, JSON and CSV, with the numbers of the proof")
    func report() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 4, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            let held = try migration.hold(3, seed: 3)
            Self.expect(try site.run(["cutover", "--wave", "first"]), status: 0)
            let file = site.directory.appending(path: "report.json")
            let replay = try site.run(["replay", "--report", file.path])
            Self.expect(replay, status: 0)
            #expect(replay.output.contains("in all \(held / 2) delivered, \(held / 2) verified"), "\(replay)")

            let written = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
            let printed = try site.run(["report", "--format", "json"])
            let again = try #require(
                try JSONSerialization.jsonObject(with: Data(printed.output.utf8)) as? [String: Any])
            let proof = try migration.prove()
            for report in [written, again] {
                let total = try #require(report["total"] as? [String: Any])
                #expect(total["delivered"] as? Int == proof.delivered && total["held"] as? Int == proof.held)
                #expect(total["verified"] as? Int == proof.verified && total["accepted"] as? Int == proof.accepted)
                #expect((report["waves"] as? [[String: Any]])?.map { $0["verified"] as? Int } == [held / 2, 0])
                #expect((report["mailboxes"] as? [[String: Any]])?.count == 4)
            }
            let csv = try site.run(["report", "--wave", "first", "--format", "csv"]).output.split(separator: "\r\n")
            #expect(csv.map { $0.prefix { $0 != "," } } == ["row", "mailbox", "mailbox", "wave", "total"])
            Self.expect(try site.run(["wave", "close", "second"]), status: 75)
            Self.expect(try site.run(["wave", "close", "first", "--reason", "all users have looked"]), status: 0)
            #expect(try site.run(["wave", "list"]).output.contains("(all users have looked)"))
            let table = try site.run(["report", "--wave", "second"]).output
            #expect(table.contains("u1@example.test") && !table.contains("u0@example.test"), "\(table)")
            Self.expect(try site.run(["replay", "--report", "/nowhere/report.csv"]), status: 74)
            Self.expect(try site.run(["replay", "--report", "report.txt"]), status: 64)
        }
    }

    @Test("On a terminal a replay draws one line over and over: messages, bytes, rate, time left, what is parked")
    func bar() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 2, aliases: 0)
            defer { migration.end() }
            let held = try migration.hold(2, seed: 4)
            Self.expect(try migration.site.run(["cutover", "--all"]), status: 0)
            let binary = try LayoverBinary.path()
            let typescript = migration.site.directory.appending(path: "typescript")
            let command = "\(binary) replay --config \(migration.site.configurationFile.path)"
            let shown = migration.site.directory.appending(path: "shown")
            let process = try ChildProcess(
                "/usr/bin/script", ["-qec", command, typescript.path], standardOutput: shown, standardError: shown)
            #expect(try process.wait(within: .seconds(60)) == .exited(0), "\(process.outputText)")
            let text = try String(contentsOf: typescript, encoding: .utf8)
            #expect(text.contains("\r[####################] \(held)/\(held)"), "\(text)")
            #expect(text.contains("0 parked") && text.contains(" left  ") && text.contains("\u{1b}[K"))
        }
    }

    @Test("check names who would fail, as table and JSON, and its status says so")
    func checkWave() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 4, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            _ = try migration.hold(1, seed: 5)
            Self.expect(try site.run(["check", "--wave", "first"]), status: 0)
            migration.dovecot.stop()
            let down = try site.run(["check", "--all", "--format", "json"])
            Self.expect(down, status: 69)
            let report = try #require(try JSONSerialization.jsonObject(with: Data(down.output.utf8)) as? [String: Any])
            let findings = try #require(report["findings"] as? [[String: Any]])
            #expect(findings.map { $0["class"] as? String } == ["unavailable"], "\(down)")
            #expect(findings.last?["mailboxes"] as? Int == 4 && findings.last?["remedy"] is String)
            #expect(report["failing"] as? Int == 4 && report["ok"] as? Bool == false)
            #expect(down.errors.contains("4 of 4 mailboxes would fail"), "\(down)")
            Self.expect(try site.run(["rehearse", "--all"]), status: 69)
        }
    }

    @Test("status says what to do for a target that is down and for one mailbox; retry takes them up")
    func statusAndRetry() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 3, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            let held = try migration.hold(1, seed: 6)
            Self.expect(try site.run(["cutover", "--all"]), status: 0)
            migration.dovecot.stop()
            Self.expect(try site.run(["replay"]), status: 69)
            let status = try site.run(["status"]).output
            #expect(status.contains("TO DO: target ox: 3 mailboxes"), "\(status)")
            #expect(status.contains("unavailable") && status.contains("layover retry --all"), "\(status)")
            try migration.dovecot.start()
            let retry = try site.run(["retry", "--all", "--reason", "it is back"])
            #expect(retry.output.contains("3 blocked mailboxes"), "\(retry)")
            #expect(try !site.run(["status"]).output.contains("TO DO"))
            #expect(try site.run(["roster", "show", "u0@example.test"]).output.contains("(it is back)"))
            Self.expect(try site.run(["replay"]), status: 0)
            #expect(try migration.prove().verified == held)
        }
    }
}
