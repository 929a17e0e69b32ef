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
        let mailboxes = try addressesOfMailboxes()
        let rows = try Row.fetchCursor(database, sql: plan.sql, arguments: StatementArguments(plan.arguments))
        while let row = try rows.next() {
            if let found = auditRow(row, mailboxes) { try body(found) }
        }
    }

    private func addressesOfMailboxes() throws -> [Int64: String] {
        var addresses: [Int64: String] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT key, address FROM mailbox")
        while let row = try rows.next() { addresses[row[0]] = row[1] }
        return addresses
    }

    private func auditRow(_ row: Row, _ mailboxes: [Int64: String]) -> AuditRow? {
        guard let id = MessageID(blob: row[0]), let state = DeliveryState(rawValue: row[3]),
            let digest = SHA256Digest(blob: row[12])
        else {
            return nil
        }
        let decided: Int64? = row[22]
        let time = { (column: Int) -> Timestamp? in (row[column] as Int64?).map { Timestamp(milliseconds: $0) } }
        return AuditRow(
            id: id, recipient: row[1], mailbox: (decided ?? index.mailbox(of: row[2])).flatMap { mailboxes[$0] },
            state: state,
            sender: row[4], subject: row[5], messageID: row[6], size: row[7],
            receivedAt: Timestamp(milliseconds: row[8]), client: row[9],
            helo: row[10], tls: row[11], sha256: digest, attempts: row[13] ?? 0, lastError: row[14], uid: row[15],
            uidValidity: row[16],
            deliveredAt: time(17), verifiedAt: time(18), finding: row[19], isDoubtful: row[23] ?? false,
            reclaimedAt: time(24),
            location: SpoolLocation(position: SpoolPosition(segment: row[20], offset: row[21]), id: id))
    }
}
