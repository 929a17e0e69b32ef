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

    /// Attempts of every mailbox that were taken back at this time or later and whose messages a server may still show, the last first.
    public func attemptsTakenBack(since: Timestamp) throws -> [TakenBackAttempt] {
        try query { database, _ in
            var attempts: [TakenBackAttempt] = []
            var seen: Set<Data> = []
            // From the end: the acts of a moment are few, the journal may be long.
            let acts = try Row.fetchCursor(database, sql: "SELECT at, batch, kind FROM act ORDER BY sequence DESC")
            while let act = try acts.next() {
                let at = Timestamp(milliseconds: try act.at(0))
                guard at >= since else { break }
                guard try act.at(2) == ActDescription.notAppended, let batch: Data = try act.at(1),
                    seen.insert(batch).inserted
                else { continue }
                let rows = try Row.fetchAll(
                    database.cachedStatement(
                        sql: """
                            SELECT m.id, i.target, i.login, i.folder, e.id, i.at FROM intent i JOIN mailbox m ON m.key = i.mailbox
                            JOIN intent_entry e ON e.intent = i.key WHERE i.batch = ? AND e.is_open = \(LedgerSchema.entryTakenBack)
                            ORDER BY e.ordinal
                            """), arguments: [batch])
                guard let first = rows.first else { continue }
                try attempts.append(
                    TakenBackAttempt(
                        mailboxID: first.at(0), target: first.at(1), login: first.at(2), folder: first.at(3),
                        began: Timestamp(milliseconds: first.at(5)), at: at,
                        ids: rows.compactMap { MessageID(blob: try $0.at(4)) }))
            }
            return attempts
        }
    }
}
