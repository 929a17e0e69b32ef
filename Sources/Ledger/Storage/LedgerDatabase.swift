import GRDB
import Spool
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// The file `ledger.sqlite`: one writer at a time in whatever process, any number of readers.
///
/// Every write transaction and every checkpoint runs under `SpoolLock(.ledgerWriter)`, because Debian's SQLite has the
/// WAL-reset bug (see `SQLiteVersion`). Nobody else checkpoints:
/// - SQLite's own checkpoints are off on every connection;
/// - readers are opened read-only. A checkpoint at the close of the last connection needs an exclusive lock on the
///   database file, which the kernel refuses on a descriptor that cannot write, so a reader never makes one.
///   (`SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE` would say it plainly, but `sqlite3_db_config` is variadic C and cannot be
///   called from Swift.)
/// - the writer's connection is closed under the lock.
///
/// A rebuild renames another file into place; each use looks whether its connection still is of the file in place.
final class LedgerDatabase: Sendable {
    let path: String
    let role: LedgerRole
    private let layout: SpoolLayout
    private let readers = Mutex<LedgerReaders?>(nil)
    private let writer = Mutex<LedgerWriter?>(nil)

    /// Opens the file; a writer makes it when it is missing.
    init(layout: SpoolLayout, role: LedgerRole) throws {
        self.layout = layout
        self.role = role
        path = layout.ledger
        if role == .writer {
            try withWriterLock { _ = try openWriter() }
        }
        _ = try openReaders()
    }

    deinit { close() }

    /// Ends all connections. The writer's goes first, while readers are open, so that SQLite makes no checkpoint of its
    /// close.
    func close() {
        let connection = writer.withLock { current in
            defer { current = nil }
            return current
        }
        if let connection {
            let lock = try? SpoolLock.acquire(layout: layout, name: .ledgerWriter, wait: true)
            connection.close()
            lock?.release()
        }
        readers.withLock { $0 = nil }
    }

    /// Reads in one snapshot.
    func read<T>(_ body: (Database) throws -> T) throws -> T {
        let pool = try openReaders().pool
        return try SQLiteFailure.translated(path: path) { try pool.read(body) }
    }

    /// Runs `body` in one transaction under the writer's lock, and checkpoints afterwards when it is time.
    func write<T: Sendable>(
        checkpointAfterRows rows: Int = LedgerLimits.rowsBetweenCheckpoints, _ body: (LedgerWriter) throws -> T
    ) throws -> T {
        guard role == .writer else {
            throw LedgerError(code: .readOnly, message: "\(path) is open for reading only")
        }
        return try withWriterLock {
            try SQLiteFailure.translated(path: path) {
                let connection = try openWriter()
                let result = try connection.transaction(body)
                try connection.checkpoint(ifMoreThan: rows)
                return result
            }
        }
    }

    /// Copies the WAL into the file, under the lock, when more than `rows` rows were changed since the last time.
    func checkpoint(ifMoreThan rows: Int) throws {
        try withWriterLock {
            try SQLiteFailure.translated(path: path) { try openWriter().checkpoint(ifMoreThan: rows) }
        }
    }

    /// Builds a new file with `build` and puts it in the place of the old one, whatever that is.
    ///
    /// The lock is held all the time, so nothing is written to the old file meanwhile; it can be read until the new one
    /// is in place. A crash leaves the old file, or none, which the next start builds.
    static func rebuild(layout: SpoolLayout, _ build: (LedgerWriter) throws -> Void) throws {
        try withWriterLock(layout) { try replace(layout.ledger, build) }
    }

    /// As `rebuild`. The caller holds the lock.
    private static func replace(_ path: String, _ build: (LedgerWriter) throws -> Void) throws {
        let replacement = path + ".rebuild"
        try remove(replacement)
        try SQLiteFailure.translated(path: replacement) {
            let connection = try LedgerWriter(path: replacement, durability: .none)
            defer { connection.close() }
            try connection.createSchema()
            try build(connection)
            try connection.prepareForWAL()
        }
        try putInPlace(replacement, path)
    }

    private static func putInPlace(_ replacement: String, _ path: String) throws {
        // L1. Sync the new file: it was built without syncs, and from here on its name will be believed.
        try DurableFile.sync(replacement)
        // L2. The old file goes before its WAL. Were the WAL gone first, a crash would leave a file without its last
        //     commits; were the new file in place first, SQLite would replay the old file's WAL into it: so it must be gone.
        try remove(path)
        // L3. The name, and then the directory that holds it.
        try DurableFile.rename(replacement, to: path)
    }

    private static func remove(_ file: String) throws {
        for suffix in ["", "-wal", "-shm", "-journal"] { try DurableFile.remove(file + suffix) }
    }

    private func withWriterLock<T>(_ body: () throws -> T) throws -> T { try Self.withWriterLock(layout, body) }

    private static func withWriterLock<T>(_ layout: SpoolLayout, _ body: () throws -> T) throws -> T {
        guard let lock = try SpoolLock.acquire(layout: layout, name: .ledgerWriter, wait: true) else {
            throw LedgerError(code: .io, message: "\(layout.ledger): the writer's lock was not given")
        }
        defer { lock.release() }
        return try body()
    }

    /// The writer's connection to the file that is in place now. The caller holds the lock.
    private func openWriter() throws -> LedgerWriter {
        try writer.withLock { current in
            if let current, let identity = current.identity, try identity == FileIdentity(path: path) { return current }
            current?.close()
            current = nil
            let opened = try SQLiteFailure.translated(path: path) { try makeWriter() }
            current = opened
            return opened
        }
    }

    private func makeWriter() throws -> LedgerWriter {
        if try LedgerInspection(path: path, undoes: true).isEmpty { try Self.replace(path) { _ in } }
        return try LedgerWriter(path: path, durability: .full)
    }

    private func openReaders() throws -> LedgerReaders {
        try readers.withLock { current in
            let identity = try FileIdentity(path: path)
            if let current, current.identity == identity { return current }
            guard let identity, try !LedgerInspection(path: path).isEmpty else {
                throw LedgerError(
                    code: .missing,
                    message:
                        "\(path) is missing. Start `layover serve` or `layover replay --follow`, or run `layover reindex`, to build it."
                )
            }
            let opened = try LedgerReaders(path: path, identity: identity)
            current = opened
            return opened
        }
    }

    /// What `PRAGMA synchronous` says on the writer's connection.
    func synchronousLevel() throws -> Int {
        try withWriterLock { try openWriter().synchronousLevel() }
    }
}
