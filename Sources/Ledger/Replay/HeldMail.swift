import GRDB
import MailModel
import Spool

/// The held mail of one mailbox in the order of arrival, with recipients resolved by the roster as it is now.
struct HeldMail {
    let database: Database
    let index: RecipientIndex
    let mailbox: Int64

    /// The next messages behind `after`, at most `limit`. Messages with an open intent for this mailbox are left out.
    func next(after: Int64, limit: Int) throws -> [HeldMessage] {
        var found: [HeldMessage] = []
        var position = after
        while found.count < limit {
            let messages = try candidates(after: position, limit: limit - found.count)
            guard let last = messages.last else { break }
            for message in messages {
                if let held = try held(message) { found.append(held) }
            }
            position = last
        }
        return found
    }

    /// The numbers of the next messages with a held delivery for one of the mailbox's recipients.
    private func candidates(after: Int64, limit: Int) throws -> [Int64] {
        let recipients = try index.recipients(of: mailbox)
        let first = (after + 1) << LedgerLimits.recipientBits
        var ids: [Int64] = []
        if recipients.count <= LedgerLimits.addressesMergedOneByOne {
            let statement = try database.cachedStatement(
                sql:
                    "SELECT id FROM delivery INDEXED BY delivery_held WHERE state = 0 AND recipient = ? AND id >= ? ORDER BY id LIMIT ?"
            )
            for recipient in recipients { ids += try Int64.fetchAll(statement, arguments: [recipient, first, limit]) }
            ids.sort()
        } else {
            ids = try Int64.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT id FROM delivery INDEXED BY delivery_held
                        WHERE state = 0 AND recipient IN (SELECT value FROM json_each(?)) AND id >= ? ORDER BY id LIMIT
                        ?
                        """), arguments: [JSONText.array(recipients), first, limit])
        }
        var messages: [Int64] = []
        for id in ids.prefix(limit) where messages.last != id >> LedgerLimits.recipientBits {
            messages.append(id >> LedgerLimits.recipientBits)
        }
        return messages
    }

    /// The message as this mailbox sees it; nil when a batch with it is in doubt.
    private func held(_ sequence: Int64) throws -> HeldMessage? {
        let rows = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT d.recipient, r.text, d.state, p.mailbox, p.attempts, p.doubtful FROM delivery d JOIN
                    recipient r ON r.id = d.recipient
                    LEFT JOIN placement p ON p.delivery = d.id WHERE d.id BETWEEN ? AND ? ORDER BY d.id
                    """),
            arguments: [sequence << LedgerLimits.recipientBits, (sequence + 1) << LedgerLimits.recipientBits - 1])
        var waiting: [Row] = []
        var isAlreadyThere = false
        for row in rows {
            let decided: Int64? = try row.at(3)
            switch DeliveryState(rawValue: try row.at(2)) {
            case .held where try index.mailbox(of: row.at(0)) == mailbox: waiting.append(row)
            case .appending where decided == mailbox: return nil
            case .delivered where decided == mailbox, .verified where decided == mailbox: isAlreadyThere = true
            default: break
            }
        }
        guard let first = waiting.first else { return nil }
        return try message(
            sequence, first: first, merged: waiting.dropFirst().map { try $0.at(1) }, isAlreadyThere: isAlreadyThere)
    }

    private func message(_ sequence: Int64, first: Row, merged: [String], isAlreadyThere: Bool) throws -> HeldMessage? {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT m.id, m.segment, m.offset, m.length, m.is_large, m.sha256, m.received_at, s.text, m.junk FROM message
                    m
                    JOIN sender s ON s.id = m.sender WHERE m.seq = ?
                    """), arguments: [sequence])
        guard let row, let id = try MessageID(blob: row.at(0)), let digest = try SHA256Digest(blob: row.at(5)) else {
            return nil
        }
        let attempts: Int? = try first.at(4)
        let doubtful: Bool? = try first.at(5)
        return try HeldMessage(
            sequence: sequence,
            location: SpoolLocation(position: SpoolPosition(segment: row.at(1), offset: row.at(2)), id: id),
            length: row.at(3),
            isLarge: row.at(4), digest: digest, receivedAt: Timestamp(milliseconds: row.at(6)), sender: row.at(7),
            recipient: first.at(1),
            merged: merged, isAlreadyThere: isAlreadyThere, attempts: attempts ?? 0, isDoubtful: doubtful ?? false,
            isJunk: row.at(8))
    }
}
