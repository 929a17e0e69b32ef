import GRDB
public import Spool

/// How far the Ledger has read. Stored in the same transaction as the rows, so what a crash takes is read again.
public struct LedgerProgress: Hashable, Sendable {
    /// Messages before this place are in the Ledger.
    public var spool: SpoolPosition
    /// Acts before this place are in the Ledger.
    public var journal: JournalPosition
    /// The sequence number of the last act read; 0 before the first.
    public var act: Int64
    /// The number of the last message; messages are numbered from 1 in the order of the spool.
    public var message: Int64
    /// Raised with each change of the roster.
    public var rosterVersion: Int64
    /// Acts that were erased, or written by a newer version.
    public var skippedActs: Int64
    /// Times that an act named a batch, mailbox or delivery that no act before it has made; lost messages are not among them.
    public var unmatched: Int64
    /// Damaged places met in segments and journal.
    public var damage: Int64
    /// Message-IDs in the small recent table.
    var recentIDs: Int64
}

extension LedgerProgress {
    static let select = """
        SELECT segment, offset, journal_file, journal_offset, act, message, roster_version, skipped_acts, unmatched,
        damage, recent_ids
        FROM progress WHERE id = 1
        """

    /// Reads the row of `select` with `column`.
    init(column: (Int32) throws -> Int64) rethrows {
        spool = try SpoolPosition(segment: Int(column(0)), offset: Int(column(1)))
        journal = try JournalPosition(file: Int(column(2)), offset: Int(column(3)))
        (act, message, rosterVersion) = try (column(4), column(5), column(6))
        (skippedActs, unmatched, damage, recentIDs) = try (column(7), column(8), column(9), column(10))
    }

    static func load(_ writer: LedgerWriter) throws -> LedgerProgress {
        let statement = try writer.statement(select)
        defer { statement.reset() }
        guard try statement.step() else {
            throw LedgerError(
                code: .corrupt,
                message: "\(writer.path) does not say how far it has read; run `layover reindex` to build it again.")
        }
        return LedgerProgress(column: statement.int)
    }

    func store(_ writer: LedgerWriter) throws {
        let statement = try writer.statement(
            """
            UPDATE progress SET segment = ?, offset = ?, journal_file = ?, journal_offset = ?, act = ?, message = ?,
            roster_version = ?,
            skipped_acts = ?, unmatched = ?, damage = ?, recent_ids = ? WHERE id = 1
            """)
        let values = [
            Int64(spool.segment), Int64(spool.offset), Int64(journal.file), Int64(journal.offset), act, message,
            rosterVersion, skippedActs,
            unmatched, damage, recentIDs,
        ]
        for (index, value) in values.enumerated() { statement.bind(Int32(index + 1), value) }
        try statement.run()
    }
}

extension LedgerProgress {
    /// Nil only when the row is missing.
    static func load(_ database: Database) throws -> LedgerProgress? {
        guard let row = try Row.fetchOne(database, sql: select) else { return nil }
        return try LedgerProgress { try row.at(Int($0)) }
    }
}
