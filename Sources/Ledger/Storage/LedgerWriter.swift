import GRDB
import GRDBSQLite

/// The one connection of this process that writes, with its prepared statements and interned strings.
///
/// Safe because `LedgerDatabase` uses it only while it holds the writer's lock and its own mutex.
final class LedgerWriter: @unchecked Sendable {
    let identity: FileIdentity?
    let path: String
    private let queue: DatabaseQueue
    private let connection: OpaquePointer
    private var statements: [String: WriteStatement] = [:]
    /// Strings already interned. Emptied when a transaction is rolled back, since it may have made them.
    let senders: InternedStrings
    let recipients: InternedStrings
    let terms: InternedTerms
    private var changesAtCheckpoint: Int64 = 0

    /// How a connection treats the disk.
    enum Durability {
        /// WAL and FULL: what every Ledger in place has.
        case full
        /// Nothing is synced and nothing can be rolled back: only for a file that is built under another name, thrown away when
        /// anything fails, and synced before it gets its own name.
        case none
    }

    init(path: String, durability: Durability) throws {
        var configuration = Configuration()
        configuration.label = "ledger.writer"
        configuration.busyMode = .timeout(LedgerLimits.busyTimeoutSeconds)
        configuration.prepareDatabase { try ConnectionSettings.common($0, cacheKiB: LedgerLimits.writerCacheKiB) }
        let isNew = durability == .none
        let cached = isNew ? LedgerLimits.internedStringsWhenBuilding : LedgerLimits.internedStringsInMemory
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        self.queue = queue
        self.path = path
        connection = try queue.inDatabase { database in
            switch durability {
            case .full: try ConnectionSettings.makeDurable(database, path: path)
            case .none: try ConnectionSettings.makeDisposable(database)
            }
            guard let connection = database.sqliteConnection else {
                throw LedgerError(code: .io, message: "\(path): the connection is closed")
            }
            return connection
        }
        identity = try FileIdentity(path: path)
        senders = InternedStrings(table: "sender", cached: cached, isNew: isNew)
        recipients = InternedStrings(table: "recipient", cached: cached, isNew: isNew)
        terms = InternedTerms()
    }

    /// Makes the tables in an empty file, in one transaction. The file is a Ledger once `createIndexes` has run too.
    func createTables() throws {
        try transaction { _ in
            try execute(LedgerSchema.tables)
            try execute("PRAGMA application_id = \(LedgerSchema.applicationID)")
            try execute("PRAGMA user_version = \(LedgerSchema.version)")
        }
    }

    /// Makes the indexes that only questions ask.
    func createIndexes() throws {
        try transaction { _ in try execute(LedgerSchema.indexesOfQuestions) }
    }

    /// Makes the file one with a WAL for whoever opens it next: to do that only then would take a rollback journal, which a
    /// kill leaves behind. Without durability there is none.
    func prepareForWAL() throws {
        let mode = try queue.inDatabase { try String.fetchOne($0, sql: "PRAGMA journal_mode = WAL") }
        guard mode == "wal" else {
            throw LedgerError(code: .unsafe, message: "\(path): SQLite keeps journal_mode \(mode ?? "unknown")")
        }
    }

    private func execute(_ sql: String) throws {
        let code = sqlite3_exec(connection, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteFailure.error(of: connection, code: code) }
    }

    /// The version of the schema.
    func version() throws -> Int64 {
        let statement = try statement("PRAGMA user_version")
        defer { statement.reset() }
        return try statement.step() ? statement.int(0) : 0
    }

    /// What SQLite finds wrong with the file: its pages, its tables, and every index against its table. Empty where nothing is.
    func integrityFaults() throws -> [String] {
        let statement = try statement("PRAGMA integrity_check(\(LedgerLimits.faultsNamed))")
        defer { statement.reset() }
        var faults: [String] = []
        while try statement.step() { faults.append(statement.text(0)) }
        return faults == ["ok"] ? [] : faults
    }

    /// The prepared form of `sql`, made once for each connection.
    func statement(_ sql: String) throws -> WriteStatement {
        if let statement = statements[sql] { return statement }
        let statement = try WriteStatement(sql, on: connection)
        statements[sql] = statement
        return statement
    }

    /// Runs `body` in one transaction. When this returns the changes are on stable storage (with `Durability.full`).
    ///
    /// BEGIN and COMMIT go through GRDB, whose commit hook wants to be on its own queue.
    func transaction<T>(_ body: (LedgerWriter) throws -> T) throws -> T {
        try queue.inDatabase { database in
            do {
                var result: T?
                try database.inTransaction(.immediate) {
                    result = try body(self)
                    return .commit
                }
                guard let result else {
                    throw LedgerError(code: .io, message: "\(path): a transaction ended without a result")
                }
                return result
            } catch {
                forgetInterned()
                throw error
            }
        }
    }

    private func forgetInterned() {
        senders.removeAll()
        recipients.removeAll()
        terms.removeAll()
    }

    /// Copies the WAL into the file when more than `rows` rows were changed since the last time.
    ///
    /// Passive: it waits for nobody. What a reader still needs is left for the next time.
    func checkpoint(ifMoreThan rows: Int) throws {
        let changes = sqlite3_total_changes64(connection)
        guard changes - changesAtCheckpoint > Int64(rows) else { return }
        try checkpoint(SQLITE_CHECKPOINT_PASSIVE)
    }

    /// Copies the WAL into the file and makes it empty. Where a reader still needs some of it, it stays as long as it is: nobody is
    /// waited for.
    func emptyWAL() throws {
        sqlite3_busy_timeout(connection, 0)
        defer { sqlite3_busy_timeout(connection, Int32(LedgerLimits.busyTimeoutSeconds * 1000)) }
        try checkpoint(SQLITE_CHECKPOINT_TRUNCATE)
    }

    private func checkpoint(_ mode: Int32) throws {
        changesAtCheckpoint = sqlite3_total_changes64(connection)
        let code = queue.inDatabase { _ in sqlite3_wal_checkpoint_v2(connection, nil, mode, nil, nil) }
        guard code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED else {
            throw SQLiteFailure.error(of: connection, code: code)
        }
    }

    /// What `PRAGMA synchronous` says on this connection.
    func synchronousLevel() throws -> Int { try queue.inDatabase { try ConnectionSettings.synchronousLevel($0) } }

    /// Closes the connection. The caller holds the writer's lock, so a checkpoint that SQLite makes of it is the
    /// writer's.
    func close() {
        statements.removeAll()
        senders.finalize()
        recipients.finalize()
        try? queue.close()
    }
}
