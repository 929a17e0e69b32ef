import GRDB
public import MailModel

extension Ledger {
    /// The messages that acts name and that are neither in the segments nor given back, by id.
    public func lostMessages() throws -> [LostMessage] {
        try query { database, _ in
            let rows = try Row.fetchAll(database, sql: "SELECT id, act FROM lost_message ORDER BY id")
            guard !rows.isEmpty else { return [] }
            let restores = try Int64.fetchAll(
                database, sql: "SELECT sequence FROM act WHERE kind = 'restored' ORDER BY sequence")
            return try rows.compactMap { row in
                let act: Int64 = try row.at(1)
                return try MessageID(blob: row.at(0)).map {
                    let isBehind = try Self.isBehindSegments($0, act: act, restores, database)
                    return LostMessage(id: $0, act: act, isBehindSegments: isBehind)
                }
            }
        }
    }

    /// In a spool that was brought back with segments older than its journal, nothing is there that came between the message and the
    /// journal's end of then; in one that has lost a segment, what came next is.
    private static func isBehindSegments(
        _ id: MessageID, act: Int64, _ restores: [Int64], _ database: Database
    ) throws -> Bool {
        let next = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT id FROM message WHERE id > ? ORDER BY id LIMIT 1"),
            arguments: [id.blob])
        guard let next else { return true }
        guard let following = try MessageID(blob: next.at(0)), let restore = restores.first(where: { $0 > act }) else {
            return false
        }
        let last = try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT at FROM act WHERE sequence < ? ORDER BY sequence DESC LIMIT 1"),
            arguments: [restore])
        return last.map { Int64(clamping: following.milliseconds) > $0 } ?? false
    }

    /// What the index and the acts know of a message; nil for nothing.
    public func trace(of id: MessageID) throws -> MessageTrace? {
        try query { database, _ in
            let row = try Row.fetchOne(
                database, sql: "SELECT reclaimed_at IS NOT NULL FROM message WHERE id = ?", arguments: [id.blob])
            if let row { return try row.at(0) ? .givenBack : .accepted }
            let isNamed =
                try Row.fetchOne(
                    database, sql: "SELECT 1 FROM lost_message WHERE id = ?", arguments: [id.blob]) != nil
            return isNamed ? .accepted : nil
        }
    }
}
