import Foundation
import GRDB
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("A Ledger that is damaged or of another version")
struct LedgerDamageTests {
    /// What stands in the Ledger's place instead of it.
    enum Harm: String, CaseIterable {
        case truncated, cutToOnePage, empty, text, zeros, directory, foreignDatabase, headerOnly
    }

    private func harm(_ path: String, _ harm: Harm) throws {
        let files = FileManager.default
        let bytes = try #require(files.contents(atPath: path))
        try files.removeItem(atPath: path)
        switch harm {
        case .truncated: try write(bytes.prefix(bytes.count / 2), path)
        case .cutToOnePage: try write(bytes.prefix(4_096), path)
        case .headerOnly: try write(bytes.prefix(100), path)
        case .empty: try write(Data(), path)
        case .text: try write(Data("This is no database.\n".utf8), path)
        case .zeros: try write(Data(count: bytes.count), path)
        case .directory: try files.createDirectory(atPath: path, withIntermediateDirectories: false)
        case .foreignDatabase:
            let queue = try DatabaseQueue(path: path)
            try queue.write { try $0.execute(sql: "CREATE TABLE mine (a); INSERT INTO mine VALUES (1)") }
            try queue.close()
        }
    }

    private func write(_ bytes: Data, _ path: String) throws { try bytes.write(to: URL(fileURLWithPath: path)) }

    /// A Ledger whose WAL is in the file.
    private func closed() throws -> (LedgerFixture, MessageID) {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        for number in 0..<200 { fixture.spool.receive(to: ["u\(number % 20)@example.com"]) }
        try fixture.ledger.catchUp()
        try fixture.edit("PRAGMA wal_checkpoint(TRUNCATE)")
        return (fixture, id)
    }

    @Test("whatever stands in its place is kept beside, said, and built again by a writer", arguments: Harm.allCases)
    func rebuilt(harm: Harm) throws {
        let (fixture, id) = try closed()
        try self.harm(fixture.layout.ledger, harm)
        try fixture.reopen()
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["held"])
        #expect(try fixture.ledger.prove().isBalanced)
        #expect(try fixture.compare().isSame)
        guard harm != .empty else { return }
        #expect(
            fixture.notices.all.count == 1 && fixture.notices.all[0].contains("is damaged"), "\(fixture.notices.all)")
        #expect(FileManager.default.fileExists(atPath: fixture.layout.ledger + ".damaged"))
    }

    @Test("a reader changes nothing about it and names the remedy", arguments: Harm.allCases)
    func readerRefuses(harm: Harm) throws {
        let (fixture, _) = try closed()
        try self.harm(fixture.layout.ledger, harm)
        let before = try Snapshot(fixture.layout)
        do {
            let reader = try Ledger.open(layout: fixture.layout, role: .reader)
            _ = try reader.audit(AuditFilter())
            Issue.record("\(harm.rawValue) was read")
        } catch let error as LedgerError {
            #expect(error.message.contains("layover reindex"), "\(error)")
        }
        #expect(try Snapshot(fixture.layout) == before)
    }

    @Test("reindex replaces it, whatever it is", arguments: Harm.allCases)
    func reindexed(harm: Harm) throws {
        let (fixture, id) = try closed()
        try self.harm(fixture.layout.ledger, harm)
        try fixture.rebuild()
        try fixture.reopen()
        #expect(fixture.notices.all.isEmpty)
        #expect(try fixture.states(id) == ["held"])
    }

    @Test("flipped bytes end in an error or an answer, never a crash; holding it against the spool repairs it")
    func flippedBytes() throws {
        let (fixture, _) = try closed()
        let path = fixture.layout.ledger
        let sound = try #require(FileManager.default.contents(atPath: path))
        var random = SystemRandomNumberGenerator()
        let scattered = (0..<60).map { _ in Int.random(in: 100..<sound.count, using: &random) }
        let starts = stride(from: 0, to: sound.count, by: 4_096).flatMap { [$0, $0 + 3, $0 + 5, $0 + 8] }
        for offset in [0, 16, 18, 28, 40, 44, 56, 60, 68, 96, 100, 101, 103, 105] + starts + scattered {
            fixture.ledger.close()
            for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
            var bytes = sound
            bytes[offset] ^= UInt8.random(in: 1...255, using: &random)
            try write(bytes, path)
            do {
                try fixture.reopen()
                try fixture.ledger.catchUp()
                _ = try fixture.ledger.audit(AuditFilter())
                _ = try fixture.ledger.status(now: .now())
            } catch let error as LedgerError {
                #expect([.corrupt, .newerSchema, .io, .sql].contains(error.code), "byte \(offset): \(error)")
                if error.code == .newerSchema { continue }
            }
            fixture.ledger.close()
            _ = try fixture.compare()
            #expect(try fixture.compare().isSame, "byte \(offset)")
        }
    }

    @Test("one of a newer version is refused to everybody, and not a byte or time of its files is touched")
    func newer() throws {
        let (fixture, _) = try closed()
        try fixture.edit("PRAGMA user_version = \(LedgerSchema.version + 1)")
        // The newer version was killed: a WAL lies beside, and it must still lie there for it.
        for suffix in ["-wal", "-shm"] { try write(Data("of the newer version".utf8), fixture.layout.ledger + suffix) }
        let before = try Snapshot(fixture.layout)
        for role in [LedgerRole.writer, .reader] {
            do {
                _ = try Ledger.open(layout: fixture.layout, role: role)
                Issue.record("opened")
            } catch let error as LedgerError {
                #expect(error.code == .newerSchema && error.isWrongVersion && error.message.contains("newer Layover"))
            }
        }
        #expect(throws: LedgerError.self) { try fixture.compare() }
        #expect(try Snapshot(fixture.layout) == before)
    }

    @Test("one of an older version is built again, and that is said")
    func older() throws {
        let (fixture, id) = try closed()
        try fixture.edit("PRAGMA user_version = \(LedgerSchema.version - 1); DROP TABLE act")
        try FileManager.default.createDirectory(
            atPath: fixture.layout.segments, withIntermediateDirectories: true)
        try write(Data(), fixture.layout.segment(1))
        try fixture.reopen()
        try fixture.ledger.catchUp()
        #expect(fixture.notices.all.map { $0.contains("older Layover") } == [true])
        #expect(try fixture.states(id) == ["held"])
        #expect(try fixture.compare().isSame)
    }

    @Test("damage that is met only when projecting is moved away, said, and what was to be done is done")
    func metLater() throws {
        let (fixture, id) = try closed()
        var bytes = try #require(FileManager.default.contents(atPath: fixture.layout.ledger))
        // All pages but the first: the schema is there, the tables are not.
        for index in 4_096..<bytes.count { bytes[index] = 0xa5 }
        try write(bytes, fixture.layout.ledger)
        try fixture.reopen()
        let later = fixture.spool.receive(to: ["anna@example.com"])
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["held"])
        #expect(try fixture.states(later) == ["held"])
        #expect(fixture.notices.all.contains { $0.contains("is damaged") })
    }
}

/// The Ledger's files as they are: bytes, and when they were changed.
private struct Snapshot: Equatable {
    private var files: [String: Data] = [:]
    private var changed: [String: Date] = [:]

    init(_ layout: SpoolLayout) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: layout.directory)
        where name.hasPrefix("ledger") {
            let path = layout.directory + "/" + name
            files[name] = FileManager.default.contents(atPath: path)
            changed[name] = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        }
    }
}
