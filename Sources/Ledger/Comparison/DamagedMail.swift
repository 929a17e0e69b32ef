import MailModel

/// Takes over what a Ledger read of messages while their bytes were sound into one that was built from the damaged bytes.
struct DamagedMail {
    private struct Header: Equatable {
        var subject: String?
        var messageID: String?
    }

    let present: LedgerWriter
    let built: LedgerWriter

    /// Returns for how many of these messages that made a difference.
    func takeOver(_ ids: [MessageID]) throws -> Int {
        guard !ids.isEmpty else { return 0 }
        return try built.transaction { _ in
            var count = 0
            for id in ids {
                guard let right = try header(of: id, in: present)?.header, let found = try header(of: id, in: built),
                    right != found.header
                else { continue }
                try write(right, instead: found.header, seq: found.seq)
                count += 1
            }
            return count
        }
    }

    private func header(of id: MessageID, in ledger: LedgerWriter) throws -> (seq: Int64, header: Header)? {
        let select = try ledger.statement("SELECT seq, subject, message_id FROM message WHERE id = ?")
        select.bind(1, id)
        defer { select.reset() }
        guard try select.step() else { return nil }
        return (select.int(0), Header(subject: select.optionalText(1), messageID: select.optionalText(2)))
    }

    private func write(_ right: Header, instead wrong: Header, seq: Int64) throws {
        let update = try built.statement("UPDATE message SET subject = ?, message_id = ? WHERE seq = ?")
        update.bind(1, right.subject)
        update.bind(2, right.messageID)
        update.bind(3, seq)
        try update.run()
        try change("DELETE FROM message_id_hash WHERE hash = ? AND seq = ?", wrong.messageID, seq)
        try change("INSERT INTO message_id_hash (hash, seq) VALUES (?, ?)", right.messageID, seq)
    }

    private func change(_ sql: String, _ messageID: String?, _ seq: Int64) throws {
        guard let messageID else { return }
        let statement = try built.statement(sql)
        statement.bind(1, MessageIDHash.hash(messageID))
        statement.bind(2, seq)
        try statement.run()
    }
}
