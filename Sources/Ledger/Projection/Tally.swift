/// Counts of deliveries that one transaction changes, written in one go at its end.
struct Tally {
    struct Key: Hashable {
        var recipient: Int64
        /// 0 where no mailbox is decided.
        var mailbox: Int64
        var state: DeliveryState
        var isDoubtful: Bool
    }

    private var changes: [Key: (count: Int64, bytes: Int64)] = [:]

    /// Different counts that have changed.
    var count: Int { changes.count }

    mutating func add(_ key: Key, bytes: Int64) {
        let old = changes[key, default: (0, 0)]
        changes[key] = (old.count + 1, old.bytes &+ bytes)
    }

    mutating func remove(_ key: Key, bytes: Int64) {
        let old = changes[key, default: (0, 0)]
        changes[key] = (old.count - 1, old.bytes &- bytes)
    }

    func store(_ writer: LedgerWriter) throws {
        let upsert = try writer.statement(
            """
            INSERT INTO tally VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
            SET count = count + excluded.count, bytes = bytes + excluded.bytes
            """)
        var emptied = false
        for (key, change) in changes where change.count != 0 || change.bytes != 0 {
            upsert.bind(1, key.recipient)
            upsert.bind(2, key.mailbox)
            upsert.bind(3, key.state.rawValue)
            upsert.bind(4, key.isDoubtful ? 1 : 0)
            upsert.bind(5, change.count)
            upsert.bind(6, change.bytes)
            try upsert.run()
            emptied = emptied || change.count < 0
        }
        if emptied { try removeEmpty(writer) }
    }

    private func removeEmpty(_ writer: LedgerWriter) throws {
        let delete = try writer.statement(
            "DELETE FROM tally WHERE recipient = ? AND mailbox = ? AND state = ? AND doubtful = ? AND count = 0")
        for (key, change) in changes where change.count < 0 {
            delete.bind(1, key.recipient)
            delete.bind(2, key.mailbox)
            delete.bind(3, key.state.rawValue)
            delete.bind(4, key.isDoubtful ? 1 : 0)
            try delete.run()
        }
    }
}
