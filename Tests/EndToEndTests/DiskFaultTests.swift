import Foundation
import TestKit
import Testing

/// A disk that is full, hangs, turns read-only or loses its directories, under the real binary.
@Suite(.serialized, .enabled(if: LoopDisk.obstacle == nil, "\(LoopDisk.obstacle ?? "")"))
struct DiskFaultTests {
    private static func outcome(_ client: SMTPClient, _ mail: OutgoingMail, _ site: MailSite) throws -> SMTPOutcome {
        site.oracle.willSend(mail)
        let outcome = try client.send(mail)
        if let id = outcome.acknowledgedID { site.oracle.didAcknowledge(mail, id: id) }
        return outcome
    }

    /// What a mail is told: the first refusal, or the answer to its end.
    private static func answer(_ outcome: SMTPOutcome) -> SMTPClientReply {
        outcome.sender.isPositive ? outcome.final : outcome.sender
    }

    private static func expectWhole(_ site: MailSite, _ server: LayoverServer) throws {
        #expect(try server.terminate() == .exited(0), "\(server.process.errorText.suffix(1000))")
        let faults = try site.faults()
        #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
    }

    @Test(
        "A disk that fills up gives 452 4.3.1, by its floor or by a write that finds no room, and mail again once there is room"
    )
    func full() async throws {
        try await onThreadOfItsOwn {
            let site = try MailSite(disk: 12 << 20, segmentSize: "256 KiB")
            defer { site.remove() }
            let server = try site.layover.startServer()
            defer { server.kill() }
            var samples = SampleMail(seed: TestSeed.announced(for: "full disk"))
            let client = try SMTPClient(port: server.port)
            let filler = site.spool.deletingLastPathComponent().appending(path: "filler").path
            var attempt = 0
            for size in [20_000, 900_000, 1_100_000] {
                let mail = samples.large(size, to: ["u1@example.test"])
                // Faster than the receiver asks for the free room: its own write meets the end of the disk.
                for block in ["64k", "1k"] {
                    _ = try? HostProgram.run(
                        "dd", ["if=/dev/zero", "of=\(filler)", "bs=\(block)", "oflag=append", "conv=notrunc"])
                }
                let refused = Self.answer(try Self.outcome(client, mail, site))
                #expect(refused.code == 452 && refused.lines[0].hasPrefix("4.3.1 "), "\(size): \(refused)")
                try FileManager.default.removeItem(atPath: filler)
                try eventually("mail is taken again", within: .seconds(10)) {
                    attempt += 1
                    return try Self.outcome(client, mail.attempt(attempt), site).acknowledgedID.map { _ in }
                }
            }
            // And down to the floor with mail alone.
            let mail = samples.large(800_000, to: ["u1@example.test"])
            let last = try eventually("the disk is full", within: .seconds(60)) {
                attempt += 1
                let reply = Self.answer(try Self.outcome(client, mail.attempt(attempt), site))
                return reply.code == 250 ? nil : reply
            }
            #expect(last.code == 452, "\(last)")
            #expect(try client.command("NOOP").code == 250)
            try Self.expectWhole(site, server)
        }
    }

    @Test("A disk without free inodes gives 452 4.3.1, and mail again once there are some")
    func inodes() async throws {
        try await onThreadOfItsOwn {
            let site = try MailSite(disk: 24 << 20, inodes: 128, segmentSize: "64 KiB")
            defer { site.remove() }
            let server = try site.layover.startServer()
            defer { server.kill() }
            var samples = SampleMail(seed: TestSeed.announced(for: "no inodes"))
            let client = try SMTPClient(port: server.port)
            #expect(try Self.outcome(client, samples.large(3_000, to: ["u1@example.test"]), site).final.code == 250)
            let directory = site.spool.deletingLastPathComponent().appending(path: "small files").path
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            var files = 0
            while FileManager.default.createFile(atPath: "\(directory)/\(files)", contents: nil) { files += 1 }
            // Large mails need a file each, and small ones a new segment now and then.
            let refused = try eventually("a mail is refused", within: .seconds(20)) {
                let reply = Self.answer(
                    try Self.outcome(client, samples.large(1_200_000, to: ["u1@example.test"]), site))
                return reply.code == 250 ? nil : reply
            }
            #expect(refused.code == 452 && refused.lines[0].hasPrefix("4.3.1 "), "\(refused)")
            try FileManager.default.removeItem(atPath: directory)
            try eventually("mail is taken again", within: .seconds(10)) {
                try Self.outcome(client, samples.large(1_200_000, to: ["u1@example.test"]), site).acknowledgedID.map {
                    _ in
                }
            }
            try Self.expectWhole(site, server)
        }
    }

    @Test(
        "A disk that hangs acknowledges nothing, keeps nobody else waiting, and lets the receiver end once it answers")
    func hanging() async throws {
        try await onThreadOfItsOwn {
            let site = try MailSite(disk: 64 << 20)
            defer { site.remove() }
            let server = try site.layover.startServer()
            defer { server.kill() }
            var samples = SampleMail(seed: TestSeed.announced(for: "hanging disk"))
            let (other, leaving) = (try SMTPClient(port: server.port), try SMTPClient(port: server.port))
            #expect(try Self.outcome(other, samples.large(3_000, to: ["u1@example.test"]), site).final.code == 250)
            let held = [3_000, 1_500_000, 1_500_000, 1_500_000, 1_500_000, 1_500_000].map {
                samples.large($0, to: ["u1@example.test"])
            }
            try site.disk?.freeze(atMost: .seconds(60))
            defer { site.disk?.thaw() }
            let load = HeldMails(held, port: server.port, oracle: site.oracle)
            try eventually("all have begun", within: .seconds(20)) { load.begun == held.count ? () : nil }
            #expect(try other.command("NOOP").code == 250)
            #expect(try leaving.command("QUIT").code == 221)
            #expect(try SMTPClient(port: server.port).command("NOOP").code == 250)
            server.process.signal(SIGTERM)
            try eventually("it says what it waits for: \(server.process.errorText)", within: .seconds(40)) {
                server.process.errorText.contains("for the disk to answer") ? () : nil
            }
            #expect(load.acknowledged == 0, "acknowledged on a disk that hangs")
            #expect(server.process.poll() == nil)
            site.disk?.thaw()
            #expect(try server.process.wait(within: .seconds(30)) == .exited(0), "\(server.process.errorText)")
            try load.end()
            let faults = try site.faults()
            #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
        }
    }

    @Test(
        "While its disk hangs, serve still says that it lives, and ends once the disk answers",
        .enabled(if: ThrowawayDovecot.isAvailable, "needs /usr/sbin/dovecot (dovecot-imapd)"))
    func hangingServe() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 2, aliases: 0, disk: 64 << 20)
            defer { migration.end() }
            try EndToEnd.expect(migration.site.run(["roster", "import", migration.rosterFile]), status: 0)
            try EndToEnd.expect(migration.site.run(["cutover", "--all"]), status: 0)
            let server = try migration.site.startServer("serve")
            defer { server.kill() }
            let console = try eventually("the console listens", within: .seconds(20)) { server.consolePort }
            var samples = SampleMail(seed: TestSeed.announced(for: "hanging serve"))
            let mails = (0..<3).map { _ in samples.make(.plainText, to: [migration.mailboxes[0].address]) }
            try migration.disk?.freeze(atMost: .seconds(60))
            defer { migration.disk?.thaw() }
            let load = HeldMails(mails, port: server.port, oracle: migration.oracle)
            try eventually("all have begun", within: .seconds(20)) { load.begun == mails.count ? () : nil }
            for _ in 0..<3 { #expect(try Self.get("/livez", console).hasPrefix("HTTP/1.1 200")) }
            server.process.signal(SIGTERM)
            try eventually("it says what it waits for", within: .seconds(40)) {
                server.process.errorText.contains("for the disk to answer") ? () : nil
            }
            #expect(load.acknowledged == 0, "acknowledged on a disk that hangs")
            migration.disk?.thaw()
            #expect(try server.process.wait(within: .seconds(30)) == .exited(0), "\(server.process.errorText)")
            try load.end()
            #expect(try migration.replayUntilDone(within: .seconds(30)).status == 0)
            let found = try migration.inspect()
            #expect(found.faults.isEmpty, "\(found.faults)")
        }
    }

    private static func get(_ path: String, _ port: UInt16) throws -> String {
        let socket = try LoopbackSocket(port: port, silence: .seconds(10))
        try socket.write("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n")
        return String(decoding: try socket.readLine(), as: UTF8.self)
    }

    @Test("A disk that turns read-only ends the receiver with 74 and the remedy; nothing acknowledged is lost")
    func readOnly() async throws {
        try await onThreadOfItsOwn {
            let site = try MailSite(disk: 64 << 20)
            defer { site.remove() }
            let server = try site.layover.startServer()
            defer { server.kill() }
            var samples = SampleMail(seed: TestSeed.announced(for: "read-only disk"))
            let client = try SMTPClient(port: server.port)
            #expect(try Self.outcome(client, samples.large(3_000, to: ["u1@example.test"]), site).final.code == 250)
            try site.disk?.failReadOnly()
            let reply = Self.answer(try Self.outcome(client, samples.large(3_000, to: ["u1@example.test"]), site))
            #expect(reply.code == 451, "\(reply)")
            #expect(try server.process.wait(within: .seconds(20)) == .exited(74))
            #expect(
                server.process.errorText.contains("mount it for writing"), "\(server.process.errorText.suffix(600))")
            let refused = try site.layover.run(["receive"])
            #expect(refused.status == 74 && refused.errors.contains("mount it for writing"), "\(refused)")
            try site.disk?.mountAgain(checked: true)
            try Self.expectWhole(site, try site.layover.startServer())
        }
    }

    @Test("Segments that are moved away under the receiver are noticed before the next 250", arguments: ["mv", "rm"])
    func directoryGone(_ how: String) async throws {
        try await onThreadOfItsOwn {
            let site = try MailSite()
            defer { site.remove() }
            let server = try site.layover.startServer()
            defer { server.kill() }
            var samples = SampleMail(seed: TestSeed.announced(for: "directory gone"))
            let client = try SMTPClient(port: server.port)
            #expect(try Self.outcome(client, samples.large(3_000, to: ["u1@example.test"]), site).final.code == 250)
            let segments = site.spool.appending(path: "segments").path
            if how == "mv" { try HostProgram.run("mv", [segments, segments + ".away"]) }
            if how == "rm" { try HostProgram.run("rm", ["-r", segments]) }
            let reply = Self.answer(try Self.outcome(client, samples.large(3_000, to: ["u1@example.test"]), site))
            #expect(reply.code == 451, "\(reply)")
            #expect(try server.process.wait(within: .seconds(20)) == .exited(74))
            #expect(server.process.errorText.contains("moved or removed"), "\(server.process.errorText.suffix(600))")
            guard how == "mv" else { return }
            try HostProgram.run("mv", [segments + ".away", segments])
            try Self.expectWhole(site, try site.layover.startServer())
        }
    }

    @Test(
        "A receiver that may no longer write its segments says whose rights to mend",
        .enabled(if: HostProgram.path("setpriv") != nil, "needs setpriv"))
    func rightsLost() async throws {
        try await onThreadOfItsOwn {
            let site = try MailSite(segmentSize: "64 KiB")
            defer { site.remove() }
            let segments = site.spool.appending(path: "segments").path
            try FileManager.default.createDirectory(atPath: segments, withIntermediateDirectories: true)
            try HostProgram.run("chown", ["-R", "65534:65534", site.spool.path])
            let user = [HostProgram.path("setpriv") ?? "", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
            let server = try site.layover.startServer(under: user)
            defer { server.kill() }
            var samples = SampleMail(seed: TestSeed.announced(for: "rights lost"))
            let client = try SMTPClient(port: server.port)
            #expect(try Self.outcome(client, samples.large(70_000, to: ["u1@example.test"]), site).final.code == 250)
            try HostProgram.run("chmod", ["555", segments])
            let reply = Self.answer(try Self.outcome(client, samples.large(3_000, to: ["u1@example.test"]), site))
            #expect(reply.code == 451, "\(reply)")
            #expect(try server.process.wait(within: .seconds(20)) == .exited(74))
            let says = server.process.errorText.split(separator: "\n").last ?? ""
            #expect(says.contains(segments) && says.contains("give the file back to that user"), "\(says)")
            try HostProgram.run("chmod", ["2770", segments])
            try Self.expectWhole(site, try site.layover.startServer(under: user))
        }
    }
}
