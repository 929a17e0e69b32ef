import MailModel

/// Messages that acts name and the spool has not.
extension ActProjection {
    /// The current act names a message of which there is no record. Messages are read before the acts that name them.
    func lose(_ id: MessageID) throws {
        let insert = try writer.statement(
            "INSERT OR REPLACE INTO lost_message (id, act) VALUES (?, ?)")
        insert.bind(1, id)
        insert.bind(2, progress.act)
        try insert.run()
    }

    /// Its bytes were given back on purpose.
    func findAgain(_ id: MessageID) throws {
        let delete = try writer.statement("DELETE FROM lost_message WHERE id = ?")
        delete.bind(1, id)
        try delete.run()
    }
}
