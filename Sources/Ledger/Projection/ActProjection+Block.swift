import MailModel
import Spool

/// Mailboxes that can take nothing for a while, and a person's wish that they be tried at once.
extension ActProjection {
    mutating func block(_ mailboxID: String, _ errorClass: String, _ text: String) throws {
        guard let mailbox = try mailboxKey(mailboxID) else { return unmatched() }
        try note(mailbox: mailbox)
        let insert = try writer.statement(
            "INSERT OR REPLACE INTO blocked (mailbox, class, text, since) VALUES (?, ?, ?, ?)")
        insert.bind(1, mailbox)
        insert.bind(2, errorClass)
        insert.bind(3, text)
        insert.bind(4, current.at.milliseconds)
        try insert.run()
    }

    mutating func unblock(_ mailboxID: String) throws {
        guard let mailbox = try mailboxKey(mailboxID) else { return unmatched() }
        try note(mailbox: mailbox)
        try removeBlock(mailbox)
    }

    /// The act's number tells a follower whether the wish is younger than its last attempt.
    func retryAtOnce(_ mailbox: Int64) throws {
        try removeBlock(mailbox)
        let update = try writer.statement("UPDATE mailbox SET retry_act = ? WHERE key = ?")
        update.bind(1, progress.act)
        update.bind(2, mailbox)
        try update.run()
    }

    private func removeBlock(_ mailbox: Int64) throws {
        let delete = try writer.statement("DELETE FROM blocked WHERE mailbox = ?")
        delete.bind(1, mailbox)
        try delete.run()
    }
}
