import Foundation
import GRDB
import MailModel
import Spool

/// Finds deliveries by a filter, inside one snapshot, newest first.
///
/// The plan is ours, not SQLite's: whichever of recipient, id, Message-ID, sender and date is given leads, in this
/// order, over its index.
struct AuditQuery {
    let database: Database
    let index: RecipientIndex

    /// Hands over each row as it is found.
    func forEach(_ filter: AuditFilter, _ body: (AuditRow) throws -> Void) throws {
        guard let plan = try AuditPlan(filter, database: database, index: index) else { return }
        let mailboxes = MailboxAddresses(database)
        let rows = try Row.fetchCursor(database, sql: plan.sql, arguments: StatementArguments(plan.arguments))
        while let row = try rows.next() {
            if let found = try auditRow(row, mailboxes) { try body(found) }
        }
    }

    private func auditRow(_ row: Row, _ mailboxes: MailboxAddresses) throws -> AuditRow? {
        guard let id = try MessageID(blob: row.at(0)), let state = try DeliveryState(rawValue: row.at(3)),
            let digest = try SHA256Digest(blob: row.at(12))
        else {
            return nil
        }
        let decided: Int64? = try row.at(22)
        let time = { (column: Int) throws -> Timestamp? in
            try (row.at(column) as Int64?).map { Timestamp(milliseconds: $0) }
        }
        return try AuditRow(
            id: id, recipient: row.at(1), mailbox: mailboxes.address(of: decided ?? index.mailbox(of: row.at(2))),
            state: state,
            sender: row.at(4), subject: row.at(5), messageID: row.at(6), size: row.at(7),
            receivedAt: Timestamp(milliseconds: row.at(8)), client: row.at(9),
            helo: row.at(10), tls: row.at(11), sha256: digest, attempts: (row.at(13) as Int?) ?? 0,
            lastError: row.at(14), uid: row.at(15),
            uidValidity: row.at(16),
            deliveredAt: time(17), verifiedAt: time(18), finding: row.at(19),
            isDoubtful: (row.at(23) as Bool?) ?? false, reclaimedAt: time(24),
            location: SpoolLocation(position: SpoolPosition(segment: row.at(20), offset: row.at(21)), id: id))
    }
}
