import GRDB
import MailModel
import Spool

/// What a rehearsal asks.
extension Ledger {
    /// Rehearsals that have begun and of which nobody has journaled that they are cleaned up, oldest first.
    public func openRehearsals() throws -> [OpenRehearsal] {
        try query { database, _ in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT run, target, login, mailbox, folder, makes_folder, messages, why, at FROM open_rehearsal
                    ORDER BY at, run, target, login
                    """)
            return try rows.compactMap { row in
                guard let run = try MessageID(blob: row.at(0)) else { return nil }
                return try OpenRehearsal(
                    rehearsal: Rehearsal(
                        run: run, mailboxID: row.at(3), target: row.at(1), login: row.at(2), folder: row.at(4),
                        makesFolder: row.at(5), messages: row.at(6), why: row.at(7)),
                    at: Timestamp(milliseconds: row.at(8)))
            }
        }
    }
}
