import Foundation
import GRDB
import MailModel

/// Reads the history of mailboxes and messages, inside one snapshot.
struct ActHistory {
    let database: Database

    func acts(mailboxID: String) throws -> [ActRecord] {
        try fetch(
            "JOIN act_mailbox n ON n.act = a.sequence JOIN mailbox m ON m.key = n.mailbox WHERE m.id = ?", [mailboxID])
    }

    func acts(message: MessageID) throws -> [ActRecord] {
        try fetch(
            "JOIN act_message n ON n.act = a.sequence JOIN message m ON m.seq = n.message WHERE m.id = ?",
            [message.blob])
    }

    /// The last act of a kind; looks through all acts.
    func last(kind: String) throws -> ActRecord? { try fetch("WHERE a.kind = ?", [kind]).last }

    private func fetch(_ condition: String, _ arguments: StatementArguments) throws -> [ActRecord] {
        try Row.fetchAll(
            database,
            sql:
                "SELECT a.sequence, a.at, a.who, a.kind, a.batch, a.what, a.why FROM act a \(condition) ORDER BY a.sequence",
            arguments: arguments
        ).map { row in
            let batch: Data? = try row.at(4)
            return try ActRecord(
                sequence: row.at(0), at: Timestamp(milliseconds: row.at(1)), by: row.at(2), kind: row.at(3),
                batch: batch.flatMap { MessageID(blob: $0) }, what: row.at(5), why: row.at(6))
        }
    }
}
