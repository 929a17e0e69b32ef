import GRDB
import MailModel
import Spool

/// What the spool had at the places that the Ledger read last, so that another spool in its place is noticed also when it has
/// grown since.
struct LedgerMark: Hashable {
    /// The last act that was read; `chain` 0 with no file before the first.
    var act: JournalMark
    /// The last segment that was read.
    var segment: SegmentMark

    static func load(_ database: Database) throws -> LedgerMark? {
        try Row.fetchOne(
            database, sql: "SELECT act_file, act_offset, act_chain, segment, segment_nonce FROM spool_mark WHERE id = 1"
        ).map { row in
            let (chain, nonce): (Int64, Int64) = try (row.at(2), row.at(4))
            return try LedgerMark(
                act: JournalMark(
                    position: JournalPosition(file: row.at(0), offset: row.at(1)), chain: UInt64(bitPattern: chain)),
                segment: SegmentMark(segment: row.at(3), nonce: UInt64(bitPattern: nonce)))
        }
    }

    /// Since when the spool is known to be brought back, or to have damaged acts; nil where it never was.
    static func restoredAt(_ database: Database) throws -> Timestamp? {
        let at = try Int64.fetchOne(database, sql: "SELECT restored_at FROM spool_mark WHERE id = 1") ?? 0
        return at > 0 ? Timestamp(milliseconds: at) : nil
    }

    static func store(_ act: JournalMark?, _ writer: LedgerWriter) throws {
        guard let act else { return }
        let update = try writer.statement(
            "UPDATE spool_mark SET act_file = ?, act_offset = ?, act_chain = ? WHERE id = 1")
        update.bind(1, act.position.file)
        update.bind(2, act.position.offset)
        update.bind(3, Int64(bitPattern: act.chain))
        try update.run()
    }

    static func store(_ segment: SegmentMark?, _ writer: LedgerWriter) throws {
        guard let segment else { return }
        let update = try writer.statement("UPDATE spool_mark SET segment = ?, segment_nonce = ? WHERE id = 1")
        update.bind(1, segment.segment)
        update.bind(2, Int64(bitPattern: segment.nonce))
        try update.run()
    }
}
