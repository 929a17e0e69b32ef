import Foundation
import GRDB
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("A spool that was restored, copied or cut short")
struct RestoreWatchTests {
    /// Noticed once; then every mailbox that the journal knows, or learns of again, is to be reconciled.
    private func expectNoticed(_ spool: SpoolOnDisk, _ what: String, _ location: SourceLocation = #_sourceLocation)
        throws
    {
        #expect(try spool.look() != nil, "\(what)", sourceLocation: location)
        #expect(try spool.look() == nil, "\(what), once more", sourceLocation: location)
        try spool.act(.mailboxSet(LedgerFixture.anna), .mailboxSet(LedgerFixture.bert))
        try spool.withLedger { ledger in
            #expect(try ledger.contradiction() == nil, "\(what)", sourceLocation: location)
            let statuses = try ledger.mailboxes()
            #expect(statuses.map(\.isUnreconciled) == [true, true], "\(what)", sourceLocation: location)
            #expect(statuses.allSatisfy { !$0.isDue(now: .now()) }, sourceLocation: location)
            #expect(try ledger.prove().isBalanced, "\(what)", sourceLocation: location)
            #expect(try ledger.lastRestore()?.kind == "restored", sourceLocation: location)
        }
    }

    @Test("A spool that is only used is not noticed, also when it grows, and its Ledger is new, old or gone")
    func untouched() async throws {
        let spool = try await SpoolOnDisk()
        defer { spool.remove() }
        #expect(try spool.look() == nil)
        try spool.act(.paused(mailboxIDs: [LedgerFixture.bert.id], why: ""))
        #expect(try spool.look() == nil)
        try FileManager.default.removeItem(atPath: spool.layout.ledger)
        #expect(try spool.look() == nil)
        #expect(try spool.withLedger { try $0.mailboxes().map(\.isUnreconciled) } == [false, false])
    }

    @Test("A journal that is cut at any byte is noticed")
    func cutJournal() async throws {
        let spool = try await SpoolOnDisk()
        defer { spool.remove() }
        let size = try spool.size(spool.layout.journalFile(1))
        let sizes =
            Array(stride(from: 0, to: size, by: 61)) + [170, 171, 172, 171 + 240, 171 + 241, size - 2, size - 1]
        for cut in sizes {
            let copy = try spool.snapshot()
            try copy.truncate(copy.layout.journalFile(1), to: cut)
            try expectNoticed(copy, "cut at \(cut) of \(size)")
            copy.remove()
        }
    }

    @Test("A journal without its last file, or all of it, is noticed, and the old index is kept aside")
    func missingFile() async throws {
        let spool = try await SpoolOnDisk()
        defer { spool.remove() }
        try FileManager.default.removeItem(atPath: spool.layout.journalFile(1))
        #expect(try spool.look()?.lost == "the index knew 6 acts more than the journal has")
        #expect(FileManager.default.fileExists(atPath: spool.layout.ledger + ".before-restore"))
        #expect(try spool.withLedger { try $0.mailboxes().isEmpty })
    }

    @Test("An index that was kept is not written over by the next one, and all are asked for mail that is gone")
    func keptTwice() async throws {
        let spool = try await SpoolOnDisk()
        defer { spool.remove() }
        let known = try spool.withLedger { try $0.progress().message }
        for name in [".before-restore", ".before-restore.2"] {
            try FileManager.default.removeItem(atPath: spool.layout.journalFile(1))
            if name.hasSuffix("2") { try FileManager.default.removeItem(atPath: spool.layout.segment(1)) }
            _ = try #require(try spool.look())
            #expect(FileManager.default.fileExists(atPath: spool.layout.ledger + name))
        }
        try spool.withLedger { (ledger: Ledger) throws -> Void in
            #expect(try ledger.missingSinceRestore().count == Int(known))
            #expect(try ledger.lostMail().count == Int(known))
            #expect(throws: LedgerError.self) { try ledger.checkNothingIsMissingSinceRestore() }
            #expect(try ledger.forgetMissingSinceRestore() == Int(known))
            #expect(try ledger.lostMail().isEmpty)
        }
        #expect(!FileManager.default.fileExists(atPath: spool.layout.ledger + ".before-restore"))
    }

    @Test("Yesterday's journal is noticed although it has grown beyond the place that the index has read to")
    func yesterday() async throws {
        let spool = try await SpoolOnDisk()
        defer { spool.remove() }
        let yesterday = try Data(contentsOf: URL(filePath: spool.layout.journalFile(1)))
        try spool.act(.paused(mailboxIDs: [LedgerFixture.anna.id], why: "today"))
        try spool.catchUp()
        for acts in 0...3 {
            let copy = try spool.snapshot()
            try yesterday.write(to: URL(filePath: copy.layout.journalFile(1)))
            // The same act again has the same length, and stands at the same place.
            for _ in 0..<acts { try copy.act(.paused(mailboxIDs: [LedgerFixture.anna.id], why: "today")) }
            try expectNoticed(copy, "\(acts) acts later")
            copy.remove()
        }
    }

    @Test("A segment that is shorter, gone or another file is noticed; one that was given up behind later ones is not")
    func segments() async throws {
        let spool = try await SpoolOnDisk()
        defer { spool.remove() }
        for size in [0, 84, 85, 400, try spool.size(spool.layout.segment(1)) - 1] {
            let copy = try spool.snapshot()
            try copy.truncate(copy.layout.segment(1), to: size)
            try expectNoticed(copy, "segment cut at \(size)")
            copy.remove()
        }
        let gone = try spool.snapshot()
        try FileManager.default.removeItem(atPath: gone.layout.segment(1))
        try expectNoticed(gone, "segment gone")
        let other = try await SpoolOnDisk()
        let copy = try spool.snapshot()
        try FileManager.default.removeItem(atPath: copy.layout.segment(1))
        try FileManager.default.copyItem(atPath: other.layout.segment(1), toPath: copy.layout.segment(1))
        try expectNoticed(copy, "another segment")
        for spool in [gone, other, copy] { spool.remove() }
        try FileManager.default.moveItem(atPath: spool.layout.segment(1), toPath: spool.layout.segment(2))
        #expect(try spool.look() == nil)
    }

    @Test("A copy is noticed, with or without an index, also one that was copied while it was written")
    func copied() async throws {
        let spool = try await SpoolOnDisk()
        defer { spool.remove() }
        for index in ["whole", "none", "garbage"] {
            let copy = SpoolLayout(directory: spool.layout.directory + "-" + index)
            try FileManager.default.copyItem(atPath: spool.layout.directory, toPath: copy.directory)
            if index == "none" { try FileManager.default.removeItem(atPath: copy.ledger) }
            if index == "garbage" { try Data(repeating: 7, count: 10_000).write(to: URL(filePath: copy.ledger)) }
            let journal = try Journal(layout: copy, by: "test")
            #expect(try RestoreWatch(journal: journal).look() != nil, "\(index)")
            let ledger = try Ledger.open(layout: copy, role: .writer)
            try ledger.catchUp()
            #expect(try ledger.mailboxes().allSatisfy(\.isUnreconciled), "\(index)")
            #expect(try ledger.prove().isBalanced, "\(index)")
            #expect(FileManager.default.fileExists(atPath: copy.rosterSnapshot))
            ledger.close()
            journal.close()
            try FileManager.default.removeItem(atPath: copy.directory)
        }
    }

    @Test("An index of a newer version is refused before anything is written, also where the spool was brought back")
    func newerIndex() async throws {
        let spool = try await SpoolOnDisk()
        defer { spool.remove() }
        let queue = try DatabaseQueue(path: spool.layout.ledger)
        try await queue.write { try $0.execute(sql: "PRAGMA user_version = \(LedgerSchema.version + 1)") }
        try queue.close()
        try spool.truncate(spool.layout.journalFile(1), to: 171)
        let journal = try Data(contentsOf: URL(filePath: spool.layout.journalFile(1)))
        #expect { try spool.look() } throws: { ($0 as? LedgerError)?.code == .newerSchema }
        #expect(try Data(contentsOf: URL(filePath: spool.layout.journalFile(1))) == journal)
        #expect(!FileManager.default.fileExists(atPath: spool.layout.ledger + ".before-restore"))
    }

    @Test("A running index that finds another spool beneath it projects nothing")
    func underRunningIndex() async throws {
        let spool = try await SpoolOnDisk()
        defer { spool.remove() }
        let ledger = try Ledger.open(layout: spool.layout, role: .writer)
        defer { ledger.close() }
        try spool.truncate(spool.layout.journalFile(1), to: 171)
        #expect { try ledger.catchUp() } throws: { ($0 as? LedgerError)?.code == .restored }
    }
}
