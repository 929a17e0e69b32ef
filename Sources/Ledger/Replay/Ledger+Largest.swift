import GRDB

extension Ledger {
    /// Octets of the largest held message of each mailbox, by the mailbox's id; mailboxes with nothing held are not in it.
    ///
    /// Reads all held deliveries: about a second for a million.
    public func largestHeld() throws -> [String: Int] {
        try query { database, index in
            var ids: [Int64: String] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT key, id FROM mailbox WHERE removed = 0") {
                ids[try row.at(0)] = try row.at(1)
            }
            var largest: [String: Int] = [:]
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT d.recipient, max(m.length) FROM delivery d INDEXED BY delivery_held
                    JOIN message m ON m.seq = d.id >> ? WHERE d.state = 0 GROUP BY d.recipient
                    """, arguments: [LedgerLimits.recipientBits])
            while let row = try rows.next() {
                guard let mailbox = try index.mailbox(of: row.at(0)), let id = ids[mailbox] else { continue }
                largest[id] = max(largest[id] ?? 0, try row.at(1))
            }
            return largest
        }
    }
}
