import GRDB

/// The pragmas of the Ledger's connections.
enum ConnectionSettings {
    /// What every connection gets: no checkpoint of SQLite's own (only the writer checkpoints, under the lock) and no
    /// memory map (a failing disk is to be an error, not a signal).
    static func common(_ database: Database, cacheKiB: Int) throws {
        try database.execute(
            sql: """
                PRAGMA wal_autocheckpoint = 0;
                PRAGMA mmap_size = 0;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -\(cacheKiB);
                """)
    }

    /// Makes the writer's connection WAL and FULL, and reads both back.
    ///
    /// This comes after the queue is open: GRDB sets `synchronous = NORMAL` itself when it sets WAL up, after
    /// `prepareDatabase`, and with NORMAL a power cut takes acknowledged commits. That is why the queue is opened
    /// without a journal mode and both are set here.
    static func makeDurable(_ database: Database, path: String) throws {
        try database.execute(
            sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864")
        let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode")
        let level = try synchronousLevel(database)
        guard mode == "wal", level >= 2 else {
            throw LedgerError(
                code: .unsafe,
                message: """
                    \(path): SQLite runs with journal_mode \(mode ?? "unknown") and synchronous \(level); WAL and at least 2 (FULL) are \
                    needed. Is the spool on a file system without shared memory, such as NFS?
                    """)
        }
    }

    /// For a file that is built aside: no journal, no sync, nobody else.
    ///
    /// What the making of an index sorts goes to a temporary file, so that memory does not grow with the spool.
    static func makeDisposable(_ database: Database) throws {
        try database.execute(
            sql: """
                PRAGMA journal_mode = OFF;
                PRAGMA synchronous = OFF;
                PRAGMA locking_mode = EXCLUSIVE;
                PRAGMA temp_store = FILE;
                PRAGMA threads = 1;
                """)
    }

    static func synchronousLevel(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? 0
    }
}
