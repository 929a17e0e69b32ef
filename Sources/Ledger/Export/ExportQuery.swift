import Foundation
import GRDB
import MailModel
import Spool

/// What export and import ask of the Ledger, inside one snapshot.
struct ExportQuery {
    let database: Database
    let index: RecipientIndex

    /// The deliveries that the filter means, by the folder that their copies belong into.
    func plan(_ filter: AuditFilter) throws -> ExportPlan {
        var plan = ExportPlan()
        let columns = "d.id, d.recipient, r.key, p.mailbox"
        guard let audit = try AuditPlan(filter, database: database, index: index, columns: columns) else { return plan }
        let addresses = MailboxAddresses(database)
        var numbers: [String: Int] = [:]
        let rows = try Row.fetchCursor(database, sql: audit.sql, arguments: StatementArguments(audit.arguments))
        while let row = try rows.next() {
            let (delivery, recipient, decided): (Int64, Int64, Int64?) = try (row.at(0), row.at(1), row.at(3))
            let mailbox = try addresses.address(of: decided ?? index.mailbox(of: recipient))
            let key: String = try row.at(2)
            let address = mailbox?.asciiLowercased ?? key
            if numbers[address] == nil {
                numbers[address] = plan.folders.count
                plan.folders.append(ExportPlan.Folder(address: address, deliveries: []))
            }
            if let number = numbers[address] { plan.folders[number].deliveries.append(delivery) }
        }
        plan.folders.sort { $0.address < $1.address }
        for folder in plan.folders.indices { plan.folders[folder].keepOneForEachMessage() }
        plan.messages = Set(plan.folders.flatMap(\.deliveries).map(ExportPlan.message)).sorted()
        return plan
    }

    /// What became of these messages, in the same order; one that is not there is left out.
    func outcomes(_ sequences: [Int64]) throws -> [MessageOutcome] {
        let addresses = MailboxAddresses(database)
        return try sequences.compactMap { try outcome($0, addresses) }
    }

    private func outcome(_ sequence: Int64, _ addresses: MailboxAddresses) throws -> MessageOutcome? {
        let message = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT id, segment, offset FROM message WHERE seq = ?"),
            arguments: [sequence])
        guard let message, let id = MessageID(blob: try message.at(0)) else { return nil }
        let rows = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT d.recipient, d.state, p.mailbox, p.doubtful, p.uid, p.uidvalidity, p.delivered_at,
                    p.verified_at, p.last_error
                    FROM delivery d LEFT JOIN placement p ON p.delivery = d.id WHERE d.id BETWEEN ? AND ? ORDER BY d.id
                    """),
            arguments: [sequence << LedgerLimits.recipientBits, (sequence + 1) << LedgerLimits.recipientBits - 1])
        let position = SpoolPosition(segment: try message.at(1), offset: try message.at(2))
        return try MessageOutcome(
            sequence: sequence, location: SpoolLocation(position: position, id: id),
            deliveries: rows.compactMap { try delivery($0, addresses) })
    }

    private func delivery(_ row: Row, _ addresses: MailboxAddresses) throws -> MessageOutcome.Delivery? {
        guard let state = DeliveryState(rawValue: try row.at(1)) else { return nil }
        let decided: Int64? = try row.at(2)
        let time = { (column: Int) throws -> Timestamp? in
            try (row.at(column) as Int64?).map { Timestamp(milliseconds: $0) }
        }
        return try MessageOutcome.Delivery(
            state: state, isDoubtful: (row.at(3) as Bool?) ?? false,
            mailbox: addresses.address(of: decided ?? index.mailbox(of: row.at(0))), uid: row.at(4),
            uidValidity: row.at(5), deliveredAt: time(6), verifiedAt: time(7), lastError: row.at(8))
    }

    /// Those of the ids that the Ledger has, whatever became of them.
    func known(_ ids: [MessageID]) throws -> Set<MessageID> {
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM message WHERE id = ?")
        return Set(try ids.filter { try Row.fetchOne(statement, arguments: [$0.blob]) != nil })
    }
}

extension ExportPlan.Folder {
    /// In order of arrival, and of several addresses of one mailbox the first.
    fileprivate mutating func keepOneForEachMessage() {
        deliveries.sort()
        var last: Int64 = -1
        deliveries.removeAll { delivery in
            let message = ExportPlan.message(of: delivery)
            defer { last = message }
            return message == last
        }
    }
}
