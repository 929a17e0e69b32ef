import MailModel
import Spool

/// Rehearsals: only what is to be cleaned up is kept of them. They never touch a delivery.
extension ActProjection {
    mutating func beginRehearsal(_ rehearsal: Rehearsal) throws {
        if let mailbox = try mailboxKey(rehearsal.mailboxID) { try note(mailbox: mailbox) } else { unmatched() }
        let insert = try writer.statement(
            """
            INSERT OR REPLACE INTO open_rehearsal (run, target, login, mailbox, folder, makes_folder, messages, why, at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insert.bind(1, rehearsal.run)
        insert.bind(2, rehearsal.target)
        insert.bind(3, rehearsal.login)
        insert.bind(4, rehearsal.mailboxID)
        insert.bind(5, rehearsal.folder)
        insert.bind(6, rehearsal.makesFolder ? 1 : 0)
        insert.bind(7, rehearsal.messages)
        insert.bind(8, rehearsal.why)
        insert.bind(9, current.at.milliseconds)
        try insert.run()
    }

    mutating func endRehearsal(_ run: MessageID, _ target: String, _ login: String) throws {
        let select = try writer.statement(
            "SELECT mailbox FROM open_rehearsal WHERE run = ? AND target = ? AND login = ?")
        select.bind(1, run)
        select.bind(2, target)
        select.bind(3, login)
        var mailboxIDs: [String] = []
        while try select.step() { mailboxIDs.append(select.text(0)) }
        for id in mailboxIDs {
            if let mailbox = try mailboxKey(id) { try note(mailbox: mailbox) }
        }
        let delete = try writer.statement("DELETE FROM open_rehearsal WHERE run = ? AND target = ? AND login = ?")
        delete.bind(1, run)
        delete.bind(2, target)
        delete.bind(3, login)
        try delete.run()
    }
}
