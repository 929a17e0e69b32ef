import Foundation
import GRDB
public import MailModel
public import Spool

extension Ledger {
    /// Earlier attempts to append these messages to the mailbox that were taken back, oldest first, each with those entries only.
    ///
    /// A server may show such a message after all: one that was killed in the middle of a commit finds it when it mends its index.
    public func earlierAttempts(mailboxID: String, ids: [MessageID]) throws -> [AppendIntent] {
        guard !ids.isEmpty else { return [] }
        let wanted = ids.map { $0.blob }
        let marks = Array(repeating: "?", count: wanted.count).joined(separator: ",")
        return try query { database, _ in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT i.batch, i.target, i.login, i.folder, i.uidvalidity, i.uidnext, e.id, e.recipient, e.merged, e.head, e.length,
                    e.digest FROM mailbox m JOIN intent i ON i.mailbox = m.key JOIN intent_entry e ON e.intent = i.key
                    WHERE m.id = ? AND e.is_open = 0 AND e.id IN (\(marks)) ORDER BY i.key, e.ordinal
                    """, arguments: StatementArguments([mailboxID.databaseValue] + wanted.map(\.databaseValue)))
            var attempts: [AppendIntent] = []
            for row in rows {
                guard let batch = try MessageID(blob: row.at(0)), let id = try MessageID(blob: row.at(6)),
                    let digest = try SHA256Digest(blob: row.at(11))
                else { continue }
                if attempts.last?.batch != batch {
                    try attempts.append(
                        AppendIntent(
                            batch: batch, mailboxID: mailboxID, target: row.at(1), login: row.at(2), folder: row.at(3),
                            uidValidity: row.at(4),
                            uidNext: row.at(5), entries: []))
                }
                let merged: String = try row.at(8)
                let head: Data = try row.at(9)
                try attempts[attempts.count - 1].entries.append(
                    AppendIntent.Entry(
                        id: id, recipient: row.at(7), merged: merged.split(separator: "\n").map(String.init),
                        head: Array(head),
                        length: row.at(10), digest: digest))
            }
            return attempts
        }
    }

    /// Attempts of every mailbox that were begun at this time or later and taken back, oldest first.
    public func attemptsTakenBack(since: Timestamp) throws -> [TakenBackAttempt] {
        let milliseconds = UInt64(max(0, since.milliseconds))
        return try query { database, _ in
            // A batch's id begins with its time.
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT i.key, m.id, i.target, i.login, i.folder, i.at, e.id FROM intent i JOIN mailbox m ON m.key = i.mailbox
                    JOIN intent_entry e ON e.intent = i.key WHERE i.batch >= ? AND e.is_open = 0 ORDER BY i.key, e.ordinal
                    """, arguments: [MessageID(milliseconds: milliseconds, random: 0, 0).blob])
            var attempts: [TakenBackAttempt] = []
            var last: Int64?
            for row in rows {
                guard let id = try MessageID(blob: row.at(6)) else { continue }
                let key: Int64 = try row.at(0)
                if key != last {
                    try attempts.append(
                        TakenBackAttempt(
                            mailboxID: row.at(1), target: row.at(2), login: row.at(3), folder: row.at(4),
                            at: Timestamp(milliseconds: row.at(5)), ids: []))
                    last = key
                }
                attempts[attempts.count - 1].ids.append(id)
            }
            return attempts
        }
    }
}
