import MailModel
import Spool

/// Who did what, when and why: kept for every act.
extension ActProjection {
    func record(_ act: JournalAct, of entry: JournalEntry) throws {
        let description = ActDescription(act)
        let insert = try writer.statement(
            "INSERT OR REPLACE INTO act (sequence, at, who, kind, batch, what, why) VALUES (?, ?, ?, ?, ?, ?, ?)")
        insert.bind(1, progress.act)
        insert.bind(2, entry.at.milliseconds)
        insert.bind(3, entry.by)
        insert.bind(4, description.kind)
        if let batch = description.batch { insert.bind(5, batch) } else { insert.bind(5, nil as Int64?) }
        insert.bind(6, description.what)
        insert.bind(7, description.why)
        try insert.run()
    }

    /// The current act concerns this mailbox.
    func note(mailbox: Int64) throws {
        let insert = try writer.statement("INSERT OR IGNORE INTO act_mailbox (mailbox, act) VALUES (?, ?)")
        insert.bind(1, mailbox)
        insert.bind(2, progress.act)
        try insert.run()
    }

    /// The current act concerns this message.
    func note(message: Int64) throws {
        let insert = try writer.statement("INSERT OR IGNORE INTO act_message (message, act) VALUES (?, ?)")
        insert.bind(1, message)
        insert.bind(2, progress.act)
        try insert.run()
    }
}
