import MailModel

/// Acts that park, revive, mark or give up deliveries.
extension ActProjection {
    private static let parked = """
        INSERT INTO placement (delivery, mailbox, attempts, doubtful, pending) VALUES (?, ?, 0, 0, 2) ON CONFLICT
        (delivery)
        DO UPDATE SET mailbox = excluded.mailbox, pending = 2
        """
    private static let doubtful = """
        INSERT INTO placement (delivery, mailbox, attempts, doubtful) VALUES (?, NULL, 0, 1) ON CONFLICT (delivery)
        DO UPDATE SET doubtful = 1
        """

    mutating func park(_ mailboxID: String, _ ids: [MessageID], _ text: String) throws {
        guard let mailbox = try mailboxKey(mailboxID) else { return unmatched() }
        try note(mailbox: mailbox)
        for id in ids {
            guard let found = try deliveries(of: id) else { continue }
            try note(message: found.message)
            for row in try rows(found.rows, meant: mailbox) where row.isWaiting {
                try move(row, to: .failed, mailbox: mailbox)
                try place(row, Self.parked, mailbox)
                try setLastError(row, text)
            }
            try closeEntries(of: id, mailbox: mailbox)
        }
    }

    /// A refusal answers an intent that is still open: the message is not in the mailbox.
    func closeEntries(of id: MessageID, mailbox: Int64) throws {
        let select = try writer.statement(
            """
            SELECT e.intent, e.ordinal FROM intent i JOIN intent_entry e ON e.intent = i.key
            WHERE i.mailbox = ? AND i.unresolved > 0 AND e.id = ? AND e.is_open = 1
            """)
        select.bind(1, mailbox)
        select.bind(2, id)
        var open: [(Int64, Int64)] = []
        while try select.step() { open.append((select.int(0), select.int(1))) }
        let close = try writer.statement("UPDATE intent_entry SET is_open = 0 WHERE intent = ? AND ordinal = ?")
        let resolve = try writer.statement("UPDATE intent SET unresolved = unresolved - 1 WHERE key = ?")
        for (intent, ordinal) in open {
            close.bind(1, intent)
            close.bind(2, ordinal)
            try close.run()
            resolve.bind(1, intent)
            try resolve.run()
        }
    }

    mutating func unpark(_ mailboxID: String, _ ids: [MessageID]) throws {
        guard let mailbox = try mailboxKey(mailboxID) else { return unmatched() }
        try note(mailbox: mailbox)
        try retryAtOnce(mailbox)
        for id in ids {
            guard let found = try deliveries(of: id) else { continue }
            try note(message: found.message)
            for row in found.rows where row.state == .failed && row.mailbox == mailbox { try hold(row, lastError: nil) }
        }
    }

    mutating func doubt(_ mailboxID: String, _ ids: [MessageID], _ text: String) throws {
        guard let mailbox = try mailboxKey(mailboxID) else { return unmatched() }
        try note(mailbox: mailbox)
        for id in ids {
            guard let found = try deliveries(of: id) else { continue }
            try note(message: found.message)
            for row in try rows(found.rows, meant: mailbox) where row.state != .merged {
                try move(row, to: row.state, mailbox: row.mailbox, isDoubtful: true)
                try place(row, Self.doubtful)
                try setLastError(row, text)
            }
        }
    }

    /// The mark goes; what was said when it was set stays in the history.
    mutating func clearDoubt(_ mailboxID: String, _ ids: [MessageID]) throws {
        guard let mailbox = try mailboxKey(mailboxID) else { return unmatched() }
        try note(mailbox: mailbox)
        for id in ids {
            guard let found = try deliveries(of: id) else { continue }
            try note(message: found.message)
            for row in found.rows where row.mailbox == mailbox && row.isDoubtful {
                try move(row, to: row.state, mailbox: row.mailbox, isDoubtful: false)
                try place(row, "UPDATE placement SET doubtful = 0, last_error = NULL WHERE delivery = ?")
            }
        }
    }

    mutating func setMissing(_ mailboxID: String, _ ids: [MessageID]) throws {
        try setFinding(mailboxID, ids, "UPDATE placement SET finding = ? WHERE delivery = ?", CopyFinding.missing)
    }

    /// The copy stays `delivered`: nobody has compared it, and nobody waits for that any more. What is gone is not there twice.
    mutating func acceptUnverified(_ mailboxID: String, _ ids: [MessageID], _ why: String) throws {
        try setFinding(
            mailboxID, ids, "UPDATE placement SET pending = NULL, doubtful = 0, finding = ? WHERE delivery = ?",
            CopyFinding.accepted(why: why), isDoubtful: false)
    }

    private mutating func setFinding(
        _ mailboxID: String, _ ids: [MessageID], _ sql: String, _ finding: String, isDoubtful: Bool? = nil
    ) throws {
        guard let mailbox = try mailboxKey(mailboxID) else { return unmatched() }
        try note(mailbox: mailbox)
        for id in ids {
            guard let found = try deliveries(of: id) else { continue }
            try note(message: found.message)
            for row in found.rows where row.mailbox == mailbox && row.state == .delivered {
                try move(row, to: row.state, mailbox: row.mailbox, isDoubtful: isDoubtful)
                let update = try writer.statement(sql)
                update.bind(1, finding)
                update.bind(2, row.id)
                try update.run()
            }
        }
    }

    mutating func merge(_ mailboxID: String, _ id: MessageID, _ recipients: [String]) throws {
        guard let mailbox = try mailboxKey(mailboxID) else { return unmatched() }
        guard let found = try deliveries(of: id) else { return }
        try note(mailbox: mailbox)
        try note(message: found.message)
        let keys = Set(recipients.map { $0.asciiLowercased })
        for row in found.rows where keys.contains(row.key) && (row.state == .held || row.state == .failed) {
            try merge(row, mailbox: mailbox)
        }
    }

    mutating func drop(_ id: MessageID, _ recipient: String) throws {
        guard let found = try deliveries(of: id) else { return }
        try note(message: found.message)
        let key = recipient.asciiLowercased
        for row in found.rows where (key.isEmpty || row.key == key) && (row.isWaiting || row.state == .failed) {
            try move(row, to: .dropped, mailbox: row.mailbox)
            try place(row, "UPDATE placement SET pending = NULL WHERE delivery = ?")
        }
    }

    private func setLastError(_ row: ProjectedDelivery, _ text: String) throws {
        let update = try writer.statement("UPDATE placement SET last_error = ? WHERE delivery = ?")
        update.bind(1, text)
        update.bind(2, row.id)
        try update.run()
    }
}
