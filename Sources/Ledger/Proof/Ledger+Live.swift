import GRDB
import MailModel

extension Ledger {
    /// The copies that a mailbox has been given, verified or not, in the order of arrival. Costs what its mail costs.
    public func liveCopies(mailboxID: String) throws -> [LiveCopy] {
        try query { database, index in
            let mailboxes = MailboxQuery(database: database, index: index)
            guard let mailbox = try mailboxes.status(id: mailboxID) else { return [] }
            let recipients = try mailboxes.recipients(of: [mailbox.key])
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT m.id, i.target, i.login, i.folder, p.uid, p.uidvalidity, p.digest,
                    coalesce(p.finding LIKE 'normalised%', 0), i.batch, coalesce(p.pending = 1, 0), p.doubtful,
                    p.doubtful AND EXISTS (SELECT 1 FROM intent j JOIN intent_entry e ON e.intent = j.key
                    WHERE j.mailbox = p.mailbox AND e.id = m.id AND (j.target, j.login) <> (i.target, i.login))
                    FROM delivery d INDEXED BY delivery_recipient CROSS JOIN placement p ON p.delivery = d.id
                    JOIN intent i ON i.key = p.batch JOIN message m ON m.seq = d.id >> ?
                    WHERE d.recipient IN (SELECT value FROM json_each(?)) AND d.state IN (?, ?) AND p.mailbox = ?
                    ORDER BY d.id
                    """,
                arguments: [
                    LedgerLimits.recipientBits, JSONText.array(recipients), DeliveryState.delivered.rawValue,
                    DeliveryState.verified.rawValue, mailbox.key,
                ])
            return try rows.compactMap { row in
                guard let id = try MessageID(blob: row.at(0)), let digest = try SHA256Digest(blob: row.at(6)),
                    let batch = try MessageID(blob: row.at(8))
                else { return nil }
                let (uid, validity): (Int64?, Int64?) = (try row.at(4), try row.at(5))
                return try LiveCopy(
                    id: id, target: row.at(1), login: row.at(2), folder: row.at(3), uid: UInt32(clamping: uid ?? 0),
                    uidValidity: UInt32(clamping: validity ?? 0), digest: digest, isNormalised: row.at(7), batch: batch,
                    isSettled: !row.at(9), isDoubtful: row.at(10),
                    hasAttemptsElsewhere: row.at(11))
            }
        }
    }

    /// The number of the last act that made anything of a mailbox doubtful; 0 for none.
    public func lastDoubt(mailboxID: String) throws -> Int64 {
        try query { database, _ in
            try Int64.fetchOne(
                database,
                sql: """
                    SELECT max(a.sequence) FROM mailbox m JOIN act_mailbox n ON n.mailbox = m.key
                    JOIN act a ON a.sequence = n.act WHERE m.id = ? AND a.kind = 'doubtful'
                    """, arguments: [mailboxID]) ?? 0
        }
    }
}
