import Foundation
import GRDB
import MailModel
import Spool
import TestKit
import Testing

@testable import Ledger

@Suite("The Ledger's file")
struct LedgerStorageTests {
    private func open(_ layout: SpoolLayout, _ spool: ScriptedSpool, _ role: LedgerRole = .writer) throws -> Ledger {
        try Ledger.open(layout: layout, role: role, rules: AddressRules(), source: spool)
    }

    private func code(_ body: () throws -> Void) -> LedgerError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? LedgerError)?.code
        }
    }

    @Test("the writer is WAL and FULL, without SQLite's own checkpoints or memory map")
    func settings() throws {
        let fixture = try LedgerFixture()
        #expect(try fixture.ledger.synchronousLevel() >= 2)
        try fixture.ledger.database.read { (database: Database) throws -> Void in
            #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal")
            #expect(try Int.fetchOne(database, sql: "PRAGMA wal_autocheckpoint") == 0)
            #expect(try Int.fetchOne(database, sql: "PRAGMA mmap_size") == 0)
            #expect(throws: DatabaseError.self) { try database.execute(sql: "DELETE FROM tally") }
        }
    }

    @Test(
        "the versions with the WAL-reset bug are known",
        arguments: [
            (3_006_023, false), (3_007_000, true), (3_040_001, true), (3_044_005, true), (3_044_006, false),
            (3_045_000, true), (3_050_006, true),
            (3_050_007, false), (3_051_002, true), (3_051_003, false), (3_052_000, false),
        ])
    func walResetBug(number: Int, expected: Bool) {
        #expect(SQLiteVersion(number: number).hasWALResetBug == expected)
        #expect(SQLiteVersion(number: 3_040_001).description == "3.40.1")
    }

    @Test("a missing Ledger is built by a writer and named to a reader")
    func missing() throws {
        let fixture = try LedgerFixture()
        let id = fixture.spool.receive(to: ["anna@example.com"])
        try fixture.ledger.catchUp()
        fixture.ledger.close()
        // The WAL of the lost file is left behind; it must not be played into the new one.
        try FileManager.default.removeItem(atPath: fixture.layout.ledger)
        #expect(code { _ = try open(fixture.layout, fixture.spool, .reader) } == .missing)
        try fixture.reopen()
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["held"])
    }

    @Test("an open Ledger goes on with the new file after a rebuild by another")
    func rebuiltUnderneath() throws {
        let fixture = try LedgerFixture()
        fixture.spool.receive(to: ["anna@example.com"])
        try fixture.ledger.catchUp()
        try fixture.rebuild()
        let id = fixture.spool.receive(to: ["bert@example.com"])
        try fixture.ledger.catchUp()
        #expect(try fixture.states(id) == ["held"])
        try fixture.reopen()
        #expect(try fixture.ledger.progress().message == 2)
    }

    @Test("closing checkpoints nothing: neither the writer nor the last reader moves the WAL into the file")
    func noCheckpointOnClose() throws {
        let fixture = try LedgerFixture()
        fixture.spool.receive(to: ["anna@example.com"])
        try fixture.ledger.catchUp()
        let reader = try open(fixture.layout, fixture.spool, .reader)
        let before = FileManager.default.contents(atPath: fixture.layout.ledger)
        fixture.ledger.close()
        _ = try reader.progress()
        reader.close()
        #expect(FileManager.default.contents(atPath: fixture.layout.ledger) == before)
        #expect((FileManager.default.contents(atPath: fixture.layout.ledger + "-wal")?.count ?? 0) > 0)
        try fixture.reopen()
        #expect(try fixture.ledger.progress().message == 1)
    }

    @Test("a catch-up leaves no long WAL for the next process to read, and waits for no reader to make it short")
    func emptiesTheWAL() throws {
        let fixture = try LedgerFixture()
        let (ledger, wal) = (fixture.ledger, fixture.layout.ledger + "-wal")
        let receive = {
            // Each takes a kilobyte and a half, so all together more than may be left behind.
            for _ in 0..<4_000 {
                fixture.spool.receive(
                    to: ["anna@example.com"], subject: String(repeating: "s", count: 500),
                    messageID: String(repeating: "m", count: 900))
            }
        }
        receive()
        try ledger.catchUp()
        #expect(try FileIdentity.size(of: wal) == 0)
        let reader = try open(fixture.layout, fixture.spool, .reader)
        try reader.database.read { (database: Database) throws -> Void in
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM message") == 4_000)
            receive()
            try ledger.catchUp()
            #expect(try FileIdentity.size(of: wal) > LedgerLimits.walLeftBehind)
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM message") == 4_000)
        }
        try ledger.catchUp()
        #expect(try FileIdentity.size(of: wal) == 0)
        #expect(try reader.progress().message == 8_000)
        #expect(try ledger.synchronousLevel() >= 2)
    }

    @Test("a writer waits while another holds the lock")
    func waitsForTheLock() async throws {
        let fixture = try LedgerFixture()
        fixture.spool.receive(to: ["anna@example.com"])
        let ledger = fixture.ledger
        let lock = try #require(try SpoolLock.acquire(layout: fixture.layout, name: .ledgerWriter, wait: false))
        #expect(try SpoolLock.acquire(layout: fixture.layout, name: .ledgerWriter, wait: false) == nil)
        let projection = Task.detached { try ledger.catchUp().message }
        // Reading needs no lock, so it answers while the writer waits; nothing can have been projected.
        #expect(try ledger.progress().message == 0)
        lock.release()
        #expect(try await projection.value == 1)
    }

    @Test("a writer waits while another process holds the lock")
    func waitsForAnotherProcess() async throws {
        let fixture = try LedgerFixture()
        fixture.spool.receive(to: ["anna@example.com"])
        let ledger = fixture.ledger
        let scratch = try ScratchDirectory()
        let directory = URL(filePath: scratch.path)
        let holder = try ChildProcess(
            "/usr/bin/flock", ["--no-fork", fixture.layout.locks + "/ledger", "sh", "-c", "echo held; exec sleep 600"],
            standardOutput: directory.appending(path: "out"), standardError: directory.appending(path: "err"))
        defer { holder.kill() }
        _ = try eventually("the lock is held", within: .seconds(30)) { holder.outputText == "held\n" ? () : nil }
        #expect(try SpoolLock.acquire(layout: fixture.layout, name: .ledgerWriter, wait: false) == nil)
        let projection = Task.detached { try ledger.catchUp().message }
        #expect(try ledger.progress().message == 0)
        holder.kill()
        #expect(try await projection.value == 1)
    }

    @Test("several writers of one spool take turns and lose nothing")
    func severalWriters() async throws {
        let fixture = try LedgerFixture()
        let others = try (0..<3).map { _ in try open(fixture.layout, fixture.spool) }
        for number in 0..<500 { fixture.spool.receive(to: ["user\(number % 7)@example.com"]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for ledger in others {
                group.addTask { for _ in 0..<5 { try ledger.catchUp() } }
            }
            try await group.waitForAll()
        }
        #expect(try fixture.ledger.progress().message == 500)
        #expect(try fixture.ledger.prove().isBalanced)
        for ledger in others { ledger.close() }
    }

    @Test("a reader may not project")
    func readerIsRefused() throws {
        let fixture = try LedgerFixture()
        let reader = try open(fixture.layout, fixture.spool, .reader)
        #expect(code { try reader.catchUp() } == .readOnly)
        #expect(try reader.status(now: .now()).messages == 0)
    }
}
