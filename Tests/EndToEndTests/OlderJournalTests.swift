import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test(
        "A journal that is older than the index is noticed by whatever comes first, also by fsck, and nothing is delivered twice",
        arguments: ["fsck", "status", "reindex", "prove"])
    func olderJournal(first: String) async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 1, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            _ = try migration.hold(4, seed: 1)
            try Self.expect(site.run(["cutover", "--all"]), status: 0)
            let journal = site.directory.appending(path: "spool/journal")
            let older = site.directory.appending(path: "older")
            try FileManager.default.copyItem(at: journal, to: older)
            try Self.expect(site.run(["replay"]), status: 0)
            try FileManager.default.removeItem(at: journal)
            try FileManager.default.moveItem(at: older, to: journal)

            let noticed = try site.run([first])
            #expect(noticed.status == 0 && noticed.errors.contains("--reconcile"), "\(noticed)")
            try Self.expectReconciled(migration, copies: 4)
        }
    }

    @Test(
        "An act whose bytes are damaged is in no index built since: every mailbox is looked into first, and nothing is delivered twice",
        arguments: [["reindex"], ["status"], []])
    func damagedAct(rebuild: [String]) async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 1, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            _ = try migration.hold(3, seed: 2)
            try Self.expect(site.run(["cutover", "--all"]), status: 0)
            try Self.expect(site.run(["replay"]), status: 0)
            try Self.damage("Act: intent", in: site.directory.appending(path: "spool/journal/00000001.jnl"))

            // The index has read the act, and stays.
            let fsck = try site.run(["fsck"])
            Self.expect(fsck, status: 65)
            #expect(fsck.output.contains("DAMAGED") && !fsck.output.contains("repaired"), "\(fsck)")
            #expect(fsck.output.contains("it alone knows the damaged acts"), "\(fsck)")
            try Self.expect(site.run(["replay"]), status: 0)
            #expect(try migration.copies(in: migration.mailboxes[0]).count == 3)

            if rebuild != ["reindex"] {
                for end in ["", "-wal", "-shm"] {
                    try? FileManager.default.removeItem(
                        at: site.directory.appending(path: "spool/ledger.sqlite" + end))
                }
            }
            if !rebuild.isEmpty { try Self.expect(site.run(rebuild), status: 0) }
            try Self.expectReconciled(migration, copies: 3)
        }
    }

    /// Nothing is delivered before the mailbox was looked into, and nothing then.
    private static func expectReconciled(_ migration: Migration, copies: Int) throws {
        let site = migration.site
        let refused = try site.run(["replay"])
        expect(refused, status: 75)
        #expect(refused.errors.contains("layover replay --reconcile"), "\(refused)")
        try expect(site.run(["replay", "--reconcile"]), status: 0)
        try expect(site.run(["replay"]), status: 0)
        #expect(try migration.copies(in: migration.mailboxes[0]).count == copies)
        let live = try site.run(["prove", "--live"])
        #expect(live.status == 0 && live.output.contains(/live_doubled +0\n/), "\(live)")
    }

    private static func damage(_ words: String, in file: URL) throws {
        var bytes = try Data(contentsOf: file)
        bytes[try #require(bytes.range(of: Data(words.utf8))).upperBound - 1] ^= 1
        try bytes.write(to: file)
    }

    @Test("Mail that went with the end of the last segment is named until a person says so, whatever is run first")
    func cutSegment() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 1, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            _ = try migration.hold(6, seed: 3)
            try Self.expect(site.run(["status"]), status: 0)
            let segment = site.directory.appending(path: "spool/segments/00000001.seg")
            let bytes = try Data(contentsOf: segment)
            try bytes.prefix(try #require(bytes.firstRange(of: Data("Subject: ".utf8))).upperBound).write(to: segment)

            for verb in ["status", "replay"] { _ = try site.run([verb]) }
            for verb in ["prove", "fsck", "reindex", "fsck"] {
                let told = try site.run([verb])
                Self.expect(told, status: 65)
                #expect("\(told)".contains(verb == "prove" ? "NO" : "before a restore"), "\(told)")
            }
            let forgotten = try site.run(["reindex", "--forget-missing-mail"])
            #expect(forgotten.status == 0 && forgotten.output.contains("messages are forgotten"), "\(forgotten)")
            for verb in ["fsck", "prove"] { try Self.expect(site.run([verb]), status: 0) }
        }
    }

    @Test("A segment that is missing between others is told, also where no index and no act knows of its mail")
    func gap() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 1, aliases: 0)
            defer { migration.end() }
            let site = migration.site
            for seed in 1...3 { _ = try migration.hold(2, seed: UInt64(seed)) }
            let spool = site.directory.appending(path: "spool")
            let segments = spool.appending(path: "segments")
            try #require(FileManager.default.contentsOfDirectory(atPath: segments.path).count >= 3)
            try Self.expect(site.run(["fsck"]), status: 0)
            try FileManager.default.removeItem(at: segments.appending(path: "00000002.seg"))
            for end in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(at: spool.appending(path: "ledger.sqlite" + end))
            }
            let fsck = try site.run(["fsck"])
            Self.expect(fsck, status: 65)
            #expect(fsck.output.contains("MISSING") && fsck.output.contains("00000002.seg"), "\(fsck)")
        }
    }
}
