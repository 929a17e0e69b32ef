import GRDB
import MailModel

extension Ledger {
    /// Why messages of a mailbox are parked, the most frequent reason first. Cheap.
    public func parkedReasons(mailboxID: String) throws -> [DeliveryReport.Failure] {
        try query { database, _ in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT coalesce(p.last_error, ''), count(*) FROM mailbox m JOIN placement p ON p.mailbox = m.key
                    JOIN delivery d ON d.id = p.delivery
                    WHERE m.id = ? AND p.pending = 2 AND d.state = ? GROUP BY 1 ORDER BY 2 DESC, 1
                    """, arguments: [mailboxID, DeliveryState.failed.rawValue])
            return try rows.map { try DeliveryReport.Failure(lastError: $0.at(0), count: $0.at(1)) }
        }
    }
}

extension DeliveryReport.Failure {
    /// From `class: words`, as the projection writes it.
    init(lastError text: String, count: Int) {
        let parts = text.split(separator: ": ", maxSplits: 1).map(String.init)
        self.init(errorClass: parts.first ?? "unknown", words: parts.count > 1 ? parts[1] : "", count: count)
    }
}
