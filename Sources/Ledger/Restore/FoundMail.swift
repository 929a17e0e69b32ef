import GRDB
import MailModel
import Spool

/// Looks messages up by the ids that were found in one mailbox, inside one snapshot.
struct FoundMail {
    let database: Database
    let index: RecipientIndex
    let mailbox: Int64

    /// The messages among these ids that the spool has, in the order of arrival.
    func messages(_ ids: [MessageID]) throws -> [FoundMessage] {
        var found: [FoundMessage] = []
        for start in stride(from: 0, to: ids.count, by: Self.idsPerQuery) {
            let wanted = ids[start..<min(ids.count, start + Self.idsPerQuery)].map(\.blob)
            let marks = Array(repeating: "?", count: wanted.count).joined(separator: ",")
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT m.seq, m.id, m.segment, m.offset, s.text FROM message m JOIN sender s ON s.id = m.sender
                    WHERE m.id IN (\(marks)) ORDER BY m.seq
                    """, arguments: StatementArguments(wanted))
            found += try rows.compactMap(message)
        }
        return found
    }

    private static let idsPerQuery = 500

    private func message(_ row: Row) throws -> FoundMessage? {
        let sequence: Int64 = try row.at(0)
        guard let id = MessageID(blob: try row.at(1)) else { return nil }
        var message = try FoundMessage(
            location: SpoolLocation(position: SpoolPosition(segment: row.at(2), offset: row.at(3)), id: id),
            sender: row.at(4),
            open: [], delivered: [], verified: [], others: [])
        let deliveries = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT d.recipient, r.text, d.state, p.mailbox FROM delivery d JOIN recipient r ON r.id = d.recipient
                    LEFT JOIN placement p ON p.delivery = d.id WHERE d.id BETWEEN ? AND ? ORDER BY d.id
                    """),
            arguments: [sequence << LedgerLimits.recipientBits, (sequence + 1) << LedgerLimits.recipientBits - 1])
        for delivery in deliveries {
            let decided: Int64? = try delivery.at(3)
            let isMeant = try (decided ?? index.mailbox(of: delivery.at(0))) == mailbox
            switch DeliveryState(rawValue: try delivery.at(2)) {
            case _ where !isMeant: message.others.append(try delivery.at(1))
            case .held, .appending, .failed: message.open.append(try delivery.at(1))
            case .delivered:
                message.open.append(try delivery.at(1))
                message.delivered.append(try delivery.at(1))
            case .verified: message.verified.append(try delivery.at(1))
            default: break
            }
        }
        return message
    }
}
