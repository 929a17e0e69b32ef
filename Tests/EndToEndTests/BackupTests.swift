import Foundation
import Synchronization
import TestKit
import Testing

extension EndToEnd {
    /// The README's commands, while mail comes in and goes out; then the disk is lost, and the backup takes its place.
    @Test(
        "A backup taken while mail flows is proven elsewhere, restored, reconciled and delivered, and nothing arrives twice"
    )
    func backup() async throws {
        let seed = TestSeed.announced(for: "backup")
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 6, aliases: 2)
            defer { migration.end() }
            let site = migration.site
            let blocks = try READMECommands.blocks(of: "Backing up and restoring")
            try #require(blocks.count == 2)
            let (spool, backup) = (site.directory.path + "/spool", site.directory.path + "/backup")
            let output = site.directory.appending(path: "output")
            try Self.expect(site.run(["roster", "import", migration.rosterFile]), status: 0)
            try Self.expect(site.run(["cutover", "--wave", "first"]), status: 0)

            try Self.whileMailFlows(migration, seed: seed) {
                try READMECommands.run(blocks[0], ["SPOOL": spool, "BACKUP": backup], output: output)
                try Self.expectProvenElsewhere(migration, backup: backup)
            }
            let before = try Self.ids(in: migration)
            try FileManager.default.moveItem(atPath: spool, toPath: spool + ".lost")
            try FileManager.default.createDirectory(atPath: spool, withIntermediateDirectories: false)
            try READMECommands.run(blocks[1], ["SPOOL": spool, "BACKUP": backup], output: output)

            try Self.expectRefusal(migration, before: before)
            let reconciled = try site.run(["replay", "--reconcile"])
            Self.expect(reconciled, status: 0)
            #expect(reconciled.output.contains("6 mailboxes reconciled"), "\(reconciled)")
            #expect(try Self.ids(in: migration) == before)
            try Self.expect(site.run(["replay"]), status: 0)
            try Self.expect(site.run(["cutover", "--all"]), status: 0)
            try Self.expect(site.run(["replay"]), status: 0)
            try Self.expectOneCopyOfEach(migration, before: before)
        }
    }

    /// Runs receiver and follower under load, calls `body` in the middle of it, and ends everything when more was delivered since.
    private static func whileMailFlows(_ migration: Migration, seed: UInt64, _ body: () throws -> Void) throws {
        let server = try migration.site.startServer()
        let follower = try migration.site.start(["replay", "--follow"])
        defer {
            follower.kill()
            server.kill()
        }
        let port = server.port
        var samples = SampleMail(seed: seed)
        let large = samples.large(3_000_000, to: [migration.mailboxes[0].address])
        migration.oracle.willSend(large)
        let sent = try SMTPClient(port: port).send(large)
        migration.oracle.didAcknowledge(large, id: try #require(sent.acknowledgedID))
        let load = MailLoad(senders: 3, seed: seed, addresses: migration.addresses, oracle: migration.oracle) { port }
        func more() throws {
            let (mails, copies) = (migration.oracle.acknowledgedCount, try migration.inspect().copies)
            try eventually("mail comes in and goes out: \(follower.errorText)", within: .seconds(30)) {
                let isMore =
                    try migration.oracle.acknowledgedCount > mails + 30 && migration.inspect().copies > copies + 20
                return isMore ? () : nil
            }
        }
        try more()
        try body()
        try more()
        #expect(try load.stop().isEmpty)
    }

    private static func expectProvenElsewhere(_ migration: Migration, backup: String) throws {
        let elsewhere = migration.site.directory.appending(path: "elsewhere")
        try FileManager.default.copyItem(atPath: backup, toPath: elsewhere.path)
        let file = try migration.site.write(
            "hostname = \"elsewhere.test\"\n[spool]\ndirectory = \"\(elsewhere.path)\"\n", to: "elsewhere.toml")
        let fsck = try migration.site.runWithoutConfiguration(["fsck", "--config", file])
        expect(fsck, status: 0)
        #expect(!fsck.output.contains("DAMAGED"), "\(fsck)")
        let prove = try migration.site.runWithoutConfiguration(["prove", "--format", "json", "--config", file])
        expect(prove, status: 0)
        let proof = try Proof(prove)
        #expect(proof.balanced && proof.addsUp && proof.accepted > 30, "\(prove)")
    }

    /// The receiver takes mail; everything may be asked; nothing is delivered.
    private static func expectRefusal(_ migration: Migration, before: [[String]]) throws {
        let server = try migration.site.startServer()
        defer { server.kill() }
        var samples = SampleMail(seed: 1)
        let mail = samples.make(.attachments, to: [migration.mailboxes[0].address])
        migration.oracle.willSend(mail)
        let sent = try SMTPClient(port: server.port).send(mail)
        migration.oracle.didAcknowledge(mail, id: try #require(sent.acknowledgedID))
        try expect(migration.site.run(["fsck"]), status: 0)
        let proof = try migration.prove()
        #expect(proof.balanced && proof.addsUp && proof.held > 0)
        let status = try migration.site.run(["status"])
        #expect(status.output.contains("layover replay --reconcile"), "\(status)")
        for _ in 0..<2 {
            let replay = try migration.site.run(["replay"])
            expect(replay, status: 75)
            #expect(replay.errors.contains("layover replay --reconcile"), "\(replay)")
        }
        #expect(try ids(in: migration) == before)
        #expect(try server.terminate() == .exited(0))
    }

    /// Each mailbox has what it had, and once what the backup, or a sender since, has for it; nothing is there twice.
    private static func expectOneCopyOfEach(_ migration: Migration, before: [[String]]) throws {
        let lines = try AuditLine.lines(of: migration.site.run(["audit", "--format", "json"]))
        #expect(lines.allSatisfy { ["verified", "merged"].contains($0.state) })
        var verified = 0
        for (mailbox, had) in zip(migration.mailboxes, before) {
            let copies = try migration.copies(in: mailbox)
            let faults = migration.oracle.faults(
                in: copies, mailbox: mailbox.addressSet, hostname: Migration.hostname
            ).filter { !$0.hasSuffix(" is missing") }
            #expect(faults.isEmpty, "\(mailbox.address): \(faults.prefix(10).joined(separator: "\n"))")
            let spooled = Set(lines.filter { $0.mailbox == mailbox.address }.map(\.id))
            let found = copies.compactMap { DeliveredMail($0.bytes)?.id }
            #expect(Set(found) == spooled.union(had) && found.count == Set(found).count, "\(mailbox.address)")
            verified += spooled.count
        }
        let proof = try migration.prove()
        #expect(proof.balanced && proof.addsUp)
        #expect((proof.verified, proof.held, proof.doubtful) == (verified, 0, 0))
    }

    /// The ids in each mailbox, in the order of UIDs.
    private static func ids(in migration: Migration) throws -> [[String]] {
        try migration.mailboxes.map { try migration.copies(in: $0).compactMap { DeliveredMail($0.bytes)?.id } }
    }
}
