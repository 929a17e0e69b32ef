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
    private let place: LedgerPlace
    private let notice: @Sendable (LedgerNotice) -> Void
    private let readers = Mutex<LedgerReaders?>(nil)
    private let writer = Mutex<LedgerWriter?>(nil)

    /// Opens the file. A writer makes it when it is missing, and puts an empty one in the place of one that is damaged or of an
    /// older version, since all of it can be read from the spool again.
    init(layout: SpoolLayout, role: LedgerRole, notice: @escaping @Sendable (LedgerNotice) -> Void) throws {
        self.layout = layout
        self.notice = notice
        place = LedgerPlace(layout: layout)
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

    /// Copies the WAL into the file and empties it, under the lock, where it takes more than so many octets.
    ///
    /// Since nobody checkpoints when closing, the WAL outlives the process, and whoever opens the file next reads it whole.
    func emptyWAL(ifLargerThan octets: Int) throws {
        guard try FileIdentity.size(of: path + "-wal") > octets else { return }
        try withWriterLock { try SQLiteFailure.translated(path: path) { try openWriter().emptyWAL() } }
    }

    /// Builds a new file with `build` and puts it in the place of the old one, whatever that is.
    ///
    /// The lock is held all the time, so nothing is written to the old file meanwhile; it can be read until the new one
    /// is in place. A crash leaves the old file, or none, which the next start builds.
    /// - Parameter keepingOld: the old file stays, as `ledger.sqlite.before-restore`.
    static func rebuild(layout: SpoolLayout, keepingOld: Bool = false, _ build: (LedgerWriter) throws -> Void) throws {
        try withWriterLock(layout) {
            let place = LedgerPlace(layout: layout)
            defer { place.discardReplacement() }
            try place.makeReplacement(build)
            if keepingOld { place.keepBeforeRestore() }
            try place.putReplacementInPlace()
        }
    }

    /// As the static one, unless the file in place has read something of the spool by now. False when it has.
    func rebuildIfEmpty(_ build: (LedgerWriter) throws -> Void) throws -> Bool {
        try withWriterLock {
            let isEmpty = try SQLiteFailure.translated(path: path) {
                try LedgerProgress.load(openWriter()).spool == .start
            }
            guard isEmpty else { return false }
            defer { place.discardReplacement() }
            try place.makeReplacement(build)
            try place.putReplacementInPlace()
            return true
        }
    }

    /// Moves the file away in which damage was met, and puts an empty one in its place. Nothing where another process has done
    /// so, or has built it again.
    func replaceDamaged(_ words: String) throws {
        try withWriterLock {
            let failed = writer.withLock { current in
                defer { current = nil }
                current?.close()
                return current?.identity
            }
            readers.withLock { $0 = nil }
            guard try failed == nil || failed == FileIdentity(path: path) else { return }
            try setAside(words)
        }
    }

    private func setAside(_ words: String) throws {
        try place.setAside()
        notice(.damaged(path, words, keptAs: place.damaged))
        try place.putEmptyInPlace()
    }

    private func withWriterLock<T>(_ body: () throws -> T) throws -> T { try Self.withWriterLock(layout, body) }

    static func withWriterLock<T>(_ layout: SpoolLayout, _ body: () throws -> T) throws -> T {
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
        switch try place.inspect() {
        case .ours: break
        case .missing: try place.putEmptyInPlace()
        case .older(let version):
            notice(.older(path, version: version))
            let lost = MissingMail.countInLostSegments(layout: layout)
            if lost > 0 {
                try place.setOlderAside()
                notice(.missingMail(path, lost, keptAs: place.older))
            }
            try place.putEmptyInPlace()
        case .damaged(let words): try setAside(words)
        case let newer: if let refusal = newer.refusal(path: path) { throw refusal }
        }
        do {
            return try checked()
        } catch let error as LedgerError where error.code == .corrupt {
            try setAside(error.message)
            return try checked()
        }
    }

    /// A connection to a file that can be read at least as far as to tell its progress.
    private func checked() throws -> LedgerWriter {
        try SQLiteFailure.translated(path: path) {
            let connection = try LedgerWriter(path: path, durability: .full)
            do {
                if let refusal = LedgerInspection.of(version: try connection.version()).refusal(path: path) {
                    throw refusal
                }
                _ = try LedgerProgress.load(connection)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
                // A table that is not there: the schema is not what the first page promised.
                connection.close()
                throw LedgerError(code: .corrupt, message: error.message ?? "its tables are not a Ledger's")
            } catch {
                connection.close()
                throw error
            }
            return connection
        }
    }

    private func openReaders() throws -> LedgerReaders {
        try readers.withLock { current in
            let identity = try FileIdentity(path: path)
            if let current, current.identity == identity { return current }
            let found = try place.inspect()
            if let refusal = found.refusal(path: path) { throw refusal }
            guard let identity, found == .ours else {
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
