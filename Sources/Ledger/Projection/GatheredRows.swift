/// What projecting messages gathers in memory, because it is cheaper written together and in order.
struct GatheredRows {
    var hashes: [(hash: Int64, seq: Int64)] = []
    var tally = Tally()

    mutating func storeTally(_ writer: LedgerWriter) throws {
        try tally.store(writer)
        tally = Tally()
    }

    /// Into the small table, which is merged into the large one when it has grown.
    mutating func storeRecentMessageIDs(_ writer: LedgerWriter, _ progress: inout LedgerProgress) throws {
        guard !hashes.isEmpty else { return }
        progress.recentIDs += Int64(hashes.count)
        try store(writer, "message_id_recent")
        guard progress.recentIDs >= LedgerLimits.recentMessageIDs else { return }
        try writer.statement(
            "INSERT OR IGNORE INTO message_id_hash (hash, seq) SELECT hash, seq FROM message_id_recent ORDER BY hash, seq"
        )
        .run()
        try writer.statement("DELETE FROM message_id_recent").run()
        progress.recentIDs = 0
    }

    /// Straight into the large table.
    mutating func storeMessageIDs(_ writer: LedgerWriter) throws { try store(writer, "message_id_hash") }

    private mutating func store(_ writer: LedgerWriter, _ table: String) throws {
        hashes.sort { $0 < $1 }
        let insert = try writer.statement("INSERT OR IGNORE INTO \(table) (hash, seq) VALUES (?, ?)")
        for (hash, seq) in hashes {
            insert.bind(1, hash)
            insert.bind(2, seq)
            try insert.run()
        }
        hashes.removeAll(keepingCapacity: true)
    }
}
