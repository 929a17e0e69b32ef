import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// Mail of every shape goes out in every form, and programs that are not ours read it.
    @Test("Exported mail is read by Dovecot and Python to the octet, and an import of it is the same spool")
    func export() async throws {
        let seed = TestSeed.announced(for: "export")
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 4, aliases: 2)
            defer { migration.end() }
            try Self.sendShapes(to: migration, seed: seed)
            try Self.expectImportIsTheSame(migration)
            try Self.expect(migration.site.run(["roster", "import", migration.rosterFile]), status: 0)
            try Self.expectMboxIsRight(migration)
            try Self.expectMaildirIsRight(migration)
            try Self.expectCopyIsTakenOver(migration)
        }
    }

    private static func sendShapes(to migration: Migration, seed: UInt64) throws {
        let server = try migration.site.startServer()
        var samples = SampleMail(seed: seed)
        var mails = SampleMail.Shape.allCases.map {
            samples.make($0, to: Array(migration.addresses.shuffled(using: &samples.random).prefix(3)))
        }
        mails.append(samples.large(3_000_000, to: [migration.addresses[0], migration.addresses[5]]))
        mails += TortureMail.contents.map { name, content in
            OutgoingMail(
                name: name, sender: "torture@sender.test", recipients: [samples.pick(migration.addresses)],
                content: content)
        }
        mails.append(
            OutgoingMail(
                name: "From lines", sender: "\"a b\"@sender.test", recipients: [migration.addresses[0]],
                content: Array("From x\r\n>From y\r\n\r\nFrom z\r\n>>From \r\n>\r\nFrom".utf8)))
        let client = try SMTPClient(port: server.port)
        for mail in mails {
            migration.oracle.willSend(mail)
            let outcome = try client.send(mail)
            migration.oracle.didAcknowledge(mail, id: try #require(outcome.acknowledgedID, "\(mail.name): \(outcome)"))
        }
        #expect(try server.terminate() == .exited(0))
    }

    private static func auditLines(_ site: LayoverSite) throws -> [String] {
        let result = try site.run(["audit", "--format", "json"])
        expect(result, status: 0)
        return result.outputLines.sorted()
    }

    private static func receiver() throws -> LayoverSite {
        try LayoverSite { directory in
            """
            hostname = "\(Migration.hostname)"
            [spool]
            directory = "\(directory.path)/spool"
            min_free = "1 MiB"
            reserve = "0 B"
            [receive]
            listen = ["127.0.0.1:0"]
            domains = ["\(Migration.domain)"]

            """
        }
    }

    /// An empty spool, made by a receiver that has run.
    private static func emptySpool() throws -> LayoverSite {
        let site = try receiver()
        try site.startServer().terminate()
        return site
    }

    private static func expectImportIsTheSame(_ migration: Migration) throws {
        let out = migration.site.directory.appending(path: "out-eml").path
        try expect(migration.site.run(["export", "--eml", out]), status: 64)
        let inside = migration.site.directory.appending(path: "spool/out").path
        try expect(migration.site.run(["export", "--all", "--eml", inside]), status: 64)
        #expect(!FileManager.default.fileExists(atPath: inside))
        try expect(migration.site.run(["export", "--all", "--eml", out]), status: 0)
        let again = try migration.site.run(["export", "--all", "--eml", out])
        expect(again, status: 0)
        #expect(again.output.contains(" in 0 files written"), "\(again)")
        try expectPython(emlCheck, out, migration.site)
        let other = try emptySpool()
        defer { other.remove() }
        let dry = try other.run(["import", out, "--dry-run"])
        expect(dry, status: 0)
        #expect(try auditLines(other).isEmpty)
        let server = try other.startServer()
        try expect(other.run(["import", out]), status: 75)
        #expect(try server.terminate() == .exited(0))
        try expect(other.run(["import", out]), status: 0)
        #expect(try auditLines(other) == auditLines(migration.site))
        let twice = try other.run(["import", out])
        expect(twice, status: 0)
        #expect(twice.output.hasPrefix("0 messages"), "\(twice)")
        #expect(try auditLines(other) == auditLines(migration.site))
        try expect(other.run(["fsck"]), status: 0)
        try expect(other.run(["reindex"]), status: 0)
        #expect(try auditLines(other) == auditLines(migration.site))
        try expectDamageIsLeftOut(out)
        try expectKilledImportIsCompleted(out, auditLines(migration.site))
    }

    /// Killed at whatever moment, and run again: complete, and nothing twice.
    private static func expectKilledImportIsCompleted(_ out: String, _ expected: [String]) throws {
        let site = try emptySpool()
        defer { site.remove() }
        var random = SeededGenerator(seed: TestSeed.value)
        for _ in 0..<6 {
            let process = try site.start(["import", out])
            usleep(UInt32.random(in: 5_000...120_000, using: &random))
            process.kill()
        }
        try expect(site.run(["import", out]), status: 0)
        #expect(try auditLines(site) == expected)
        try expect(site.run(["fsck"]), status: 0)
    }

    /// One file is changed and one is gone: both are named, all others come in, and mended they come in later.
    private static func expectDamageIsLeftOut(_ out: String) throws {
        let site = try emptySpool()
        defer { site.remove() }
        let names = try FileManager.default.contentsOfDirectory(atPath: out).filter { $0.hasSuffix(".eml") }.sorted()
        let (changed, gone) = (URL(filePath: out + "/" + names[0]), URL(filePath: out + "/" + names[1]))
        let (first, second) = (try Data(contentsOf: changed), try Data(contentsOf: gone))
        try (first.dropLast() + [0x21]).write(to: changed)
        try FileManager.default.removeItem(at: gone)
        let result = try site.run(["import", out])
        expect(result, status: 65)
        #expect(result.errors.contains(names[0].prefix(26)) && result.errors.contains(names[1].prefix(26)), "\(result)")
        try first.write(to: changed)
        try second.write(to: gone)
        let mended = try site.run(["import", out])
        expect(mended, status: 0)
        #expect(mended.output.hasPrefix("2 messages"), "\(mended)")
    }

    private static func expectMboxIsRight(_ migration: Migration) throws {
        let out = migration.site.directory.appending(path: "out-mbox").path
        for _ in 0..<2 { try expect(migration.site.run(["export", "--all", "--mbox", out]), status: 0) }
        try expectPython(mboxCheck, out, migration.site)
        // Another export has other bytes under the same names: they are left as they are.
        let other = try migration.site.run(["export", "--larger", "1MiB", "--mbox", out])
        expect(other, status: 65)
        try expectPython(mboxCheck, out, migration.site)
    }

    private static func expectMaildirIsRight(_ migration: Migration) throws {
        let out = migration.site.directory.appending(path: "out-maildir").path
        for _ in 0..<2 { try expect(migration.site.run(["export", "--all", "--maildir", out]), status: 0) }
        let reader = try ThrowawayDovecot(settings: "mail_location = maildir:/tmp/lm-%u\n")
        defer { reader.remove() }
        for mailbox in migration.mailboxes {
            // Where Dovecot's own user may go.
            let place = "/tmp/lm-\(mailbox.address)"
            try? FileManager.default.removeItem(atPath: place)
            try command("/bin/cp", ["-a", "\(out)/\(mailbox.address)", place], migration.site)
            try command("/bin/chown", ["-R", "dovecot:dovecot", place], migration.site)
        }
        defer {
            for box in migration.mailboxes { try? FileManager.default.removeItem(atPath: "/tmp/lm-\(box.address)") }
        }
        try reader.start()
        let received = Dictionary(
            try AuditLine.lines(of: migration.site.run(["audit", "--format", "json"])).map { ($0.id, $0.receivedAt) }
        ) { first, _ in first }
        for mailbox in migration.mailboxes {
            let copies = try MailboxReader(
                port: reader.port, user: mailbox.address, password: ThrowawayDovecot.userPassword
            ).copies()
            let faults = migration.oracle.faults(
                in: copies, mailbox: mailbox.addressSet, hostname: Migration.hostname)
            #expect(faults.isEmpty, "\(mailbox.address): \(faults.prefix(5))")
            for copy in copies {
                let id = try #require(DeliveredMail(copy.bytes)?.id)
                #expect(try seconds(internalDate: copy.internalDate) == seconds(rfc3339: received[id] ?? ""))
            }
        }
        // What a mail program has moved meanwhile is not written a second time.
        let moved = "\(out)/\(migration.mailboxes[0].address)"
        for name in try FileManager.default.contentsOfDirectory(atPath: moved + "/new") {
            try FileManager.default.moveItem(atPath: "\(moved)/new/\(name)", toPath: "\(moved)/cur/\(name):2,S")
        }
        let again = try migration.site.run(["export", "--all", "--maildir", out])
        expect(again, status: 0)
        #expect(again.output.contains(" in 0 files written"), "\(again)")
    }

    /// After a part was delivered, a copy of the spool brings the rest, and only that.
    private static func expectCopyIsTakenOver(_ migration: Migration) throws {
        try expect(migration.site.run(["cutover", "--wave", "first"]), status: 0)
        try expect(migration.site.run(["replay"]), status: 0)
        let copy = migration.site.directory.appending(path: "copy")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        for name in ["segments", "large", "journal"] {
            try FileManager.default.copyItem(
                at: migration.site.directory.appending(path: "spool/\(name)"), to: copy.appending(path: name))
        }
        let lines = try AuditLine.lines(of: migration.site.run(["audit", "--format", "json"]))
        let owed = Set(lines.filter { $0.state == "held" }.map { "\($0.id) \($0.recipient)" })
        #expect(!owed.isEmpty && owed.count < lines.count)
        let site = try emptySpool()
        defer { site.remove() }
        for _ in 0..<2 { try expect(site.run(["import", copy.path]), status: 0) }
        let found = try AuditLine.lines(of: site.run(["audit", "--format", "json"]))
        #expect(Set(found.map { "\($0.id) \($0.recipient)" }) == owed)
        #expect(found.count == owed.count)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: copy.path).sorted() == ["journal", "large", "segments"])
        // Without its journal nobody knows what was delivered.
        try FileManager.default.removeItem(at: copy.appending(path: "journal"))
        try expect(site.run(["import", copy.path]), status: 65)
    }

    private static func command(_ program: String, _ arguments: [String], _ site: LayoverSite) throws {
        let output = site.directory.appending(path: "command-\(UInt32.random(in: 0 ... .max))")
        let process = try ChildProcess(program, arguments, standardOutput: output, standardError: output)
        let ending = try process.wait(within: .seconds(60))
        #expect(ending == .exited(0), "\(program): \(process.outputText)")
    }

    private static func expectPython(_ script: String, _ directory: String, _ site: LayoverSite) throws {
        try command("/usr/bin/env", ["python3", "-c", script, directory], site)
    }

    private static let emlCheck = """
        import hashlib, json, os, sys
        lines = [json.loads(line) for line in open(os.path.join(sys.argv[1], "manifest.jsonl"))]
        assert lines and len({line["id"] for line in lines}) == len(lines)
        for line in lines:
            data = open(os.path.join(sys.argv[1], line["file"]), "rb").read()
            assert len(data) == line["size"] and hashlib.sha256(data).hexdigest() == line["sha256"], line
        assert len(os.listdir(sys.argv[1])) == len(lines) + 1
        assert os.stat(sys.argv[1]).st_mode & 0o777 == 0o700
        """

    private static let mboxCheck = """
        import collections, hashlib, json, mailbox, os, re, sys
        expected = collections.defaultdict(dict)
        for line in open(os.path.join(sys.argv[1], "manifest.jsonl")):
            line = json.loads(line)
            expected[line["file"]][line["id"]] = line
        assert len(expected) == len(os.listdir(sys.argv[1])) - 1 >= 4, os.listdir(sys.argv[1])
        for name, messages in expected.items():
            box = mailbox.mbox(os.path.join(sys.argv[1], name))
            assert len(box) == len(messages), (name, len(box), len(messages))
            for key in box.keys():
                data = re.sub(rb"^>(>*From )", rb"\\1", box.get_bytes(key), flags=re.M)
                head, _, stored = data.partition(b"X-Layover-Id: ")
                identity, _, stored = stored.partition(b"\\n")
                line = messages.pop(identity.decode())
                assert head == b"Return-Path: <%s>\\nDelivered-To: <%s>\\n" % (line["sender"].encode(), line["delivered_to"].encode()), head
                stored = re.sub(rb"\\n", rb"\\r\\n", stored)
                assert hashlib.sha256(stored).hexdigest() == line["sha256"], line
                assert box.get_message(key).get_from().split(" ")[0] == (line["sender"] or "MAILER-DAEMON").replace(" ", "_")
            assert not messages
        """
}
