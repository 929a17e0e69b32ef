import Foundation
import GRDB
import MailModel
import Spool

/// What replay must settle in one mailbox beside held mail, inside one snapshot.
struct DoubtQuery {
    let database: Database
    let mailbox: MailboxStatus

    /// Batches with entries that are neither delivered nor taken back, oldest first.
    func openIntents() throws -> [OpenIntent] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT key, batch, target, login, folder, uidvalidity, uidnext, at FROM intent
                WHERE mailbox = ? AND unresolved > 0 ORDER BY key
                """, arguments: [mailbox.key])
        return try rows.compactMap { row in
            guard let batch = try MessageID(blob: row.at(1)) else { return nil }
            let intent = try AppendIntent(
                batch: batch, mailboxID: mailbox.mailbox.id, target: row.at(2), login: row.at(3), folder: row.at(4),
                uidValidity: row.at(5),
                uidNext: row.at(6), entries: entries(of: row.at(0)))
            return try OpenIntent(intent: intent, at: Timestamp(milliseconds: row.at(7)))
        }
    }

    private func entries(of intent: Int64) throws -> [AppendIntent.Entry] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT id, recipient, merged, head, length, digest FROM intent_entry WHERE intent = ? AND is_open = 1
                ORDER BY ordinal
                """, arguments: [intent])
        return try rows.compactMap { row in
            guard let id = try MessageID(blob: row.at(0)), let digest = try SHA256Digest(blob: row.at(5)) else {
                return nil
            }
            let merged: String = try row.at(2)
            let head: Data = try row.at(3)
            return try AppendIntent.Entry(
                id: id, recipient: row.at(1), merged: merged.split(separator: "\n").map(String.init), head: Array(head),
                length: row.at(4),
                digest: digest)
        }
    }

    /// Copies delivered and not verified, in the order of arrival.
    func unverified(after: Int64, limit: Int) throws -> [UnverifiedCopy] {
        let rows = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT p.delivery, i.batch, m.segment, m.offset, m.id, r.text, i.target, i.login, i.folder, p.uid, p.uidvalidity,
                    p.length, p.digest,
                    p.delivered_at, CASE WHEN p.doubtful THEN coalesce(p.last_error, '') END,
                    coalesce(p.finding = ?, 0) FROM placement p JOIN intent i ON i.key = p.batch JOIN delivery d ON d.id =
                    p.delivery
                    JOIN recipient r ON r.id = d.recipient JOIN message m ON m.seq = p.delivery >> ?
                    WHERE p.mailbox = ? AND p.pending = 1 AND p.delivery > ? ORDER BY p.delivery LIMIT ?
                    """), arguments: [CopyFinding.missing, LedgerLimits.recipientBits, mailbox.key, after, limit])
        return try rows.compactMap { row in
            guard let batch = try MessageID(blob: row.at(1)), let id = try MessageID(blob: row.at(4)),
                let digest = try SHA256Digest(blob: row.at(12))
            else { return nil }
            let uid: Int64? = try row.at(9)
            return try UnverifiedCopy(
                sequence: row.at(0), batch: batch,
                location: SpoolLocation(position: SpoolPosition(segment: row.at(2), offset: row.at(3)), id: id),
                recipient: row.at(5), target: row.at(6), login: row.at(7), folder: row.at(8),
                uid: UInt32(clamping: uid ?? 0), uidValidity: row.at(10), length: row.at(11), digest: digest,
                deliveredAt: Timestamp(milliseconds: row.at(13)), doubt: row.at(14), isMissing: row.at(15))
        }
    }

    /// Messages that the mailbox refused for good, in the order of arrival.
    func parked() throws -> [MessageID] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT DISTINCT m.seq, m.id FROM placement p JOIN message m ON m.seq = p.delivery >> ?
                WHERE p.mailbox = ? AND p.pending = 2 ORDER BY m.seq
                """, arguments: [LedgerLimits.recipientBits, mailbox.key])
        return try rows.compactMap { MessageID(blob: try $0.at(1)) }
    }
}
