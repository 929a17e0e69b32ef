import MailModel
import Spool

/// The acts of one APPEND batch: intent, then delivered or not appended, then verified.
extension ActProjection {
    private static let appending = """
        INSERT INTO placement (delivery, mailbox, target, batch, attempts, doubtful) VALUES (?, ?, ?, ?, ?, 0)
        ON CONFLICT (delivery) DO UPDATE SET mailbox = excluded.mailbox, target = excluded.target, batch =
        excluded.batch,
        attempts = attempts + excluded.attempts, pending = NULL
        """

    mutating func beginAppending(_ intent: AppendIntent) throws {
        guard let mailbox = try mailboxKey(intent.mailboxID) else { return unmatched() }
        let key = try insert(intent, mailbox: mailbox)
        try note(mailbox: mailbox)
        let target = try writer.terms.id(intent.target, on: writer)
        for entry in intent.entries {
            guard let found = try deliveries(of: entry.id) else { continue }
            try note(message: found.message)
            let (primary, merged) = entry.split(found.rows.filter(\.isWaiting))
            if let primary {
                try move(primary, to: .appending, mailbox: mailbox)
                try place(primary, Self.appending, mailbox, target, key, 1)
                try setExpected(primary, entry)
            } else {
                unmatched()
            }
            for row in merged {
                try move(row, to: .appending, mailbox: mailbox)
                try place(row, Self.appending, mailbox, target, key, 0)
            }
        }
    }

    func insert(_ intent: AppendIntent, mailbox: Int64) throws -> Int64 {
        let insert = try writer.statement(
            """
            INSERT OR REPLACE INTO intent (batch, mailbox, target, login, folder, uidvalidity, uidnext, at, unresolved)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insert.bind(1, intent.batch)
        insert.bind(2, mailbox)
        insert.bind(3, intent.target)
        insert.bind(4, intent.login)
        insert.bind(5, intent.folder)
        insert.bind(6, Int64(intent.uidValidity))
        insert.bind(7, Int64(intent.uidNext))
        insert.bind(8, current.at.milliseconds)
        insert.bind(9, intent.entries.count)
        try insert.run()
        let key = insert.lastInsertedRow
        let entry = try writer.statement(
            """
            INSERT OR REPLACE INTO intent_entry (intent, ordinal, id, recipient, merged, head, length, digest, is_open)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
            """)
        for (ordinal, item) in intent.entries.enumerated() {
            entry.bind(1, key)
            entry.bind(2, ordinal)
            entry.bind(3, item.id)
            entry.bind(4, item.recipient)
            entry.bind(5, item.merged.joined(separator: "\n"))
            entry.bind(6, item.head)
            entry.bind(7, item.length)
            entry.bind(8, item.digest)
            try entry.run()
        }
        return key
    }

    /// What the mailbox must give back, kept until it has.
    private func setExpected(_ delivery: ProjectedDelivery, _ entry: AppendIntent.Entry) throws {
        let update = try writer.statement("UPDATE placement SET digest = ?, length = ? WHERE delivery = ?")
        update.bind(1, entry.digest)
        update.bind(2, entry.length)
        update.bind(3, delivery.id)
        try update.run()
    }

    mutating func deliver(_ batch: MessageID, _ uidValidity: UInt32, _ copies: [DeliveredCopy]) throws {
        guard let intent = try openIntent(batch) else { return unmatched() }
        var resolved = 0
        for copy in copies {
            guard let entry = try take(copy.id, from: intent.key) else {
                unmatched()
                continue
            }
            resolved += entry.isOpen ? 1 : 0
            try deliver(copy, entry, intent, uidValidity)
        }
        try resolve(resolved, of: intent.key)
    }

    mutating func deliver(
        _ copy: DeliveredCopy, _ entry: ProjectedEntry, _ intent: ProjectedIntent, _ uidValidity: UInt32
    ) throws {
        guard let found = try deliveries(of: copy.id) else { return }
        try note(message: found.message)
        let (primary, merged) = entry.split(found.rows)
        if let primary {
            try move(primary, to: .delivered, mailbox: intent.mailbox)
            try place(
                primary,
                """
                INSERT INTO placement (delivery, mailbox, batch, uid, uidvalidity, delivered_at, pending, target,
                attempts, doubtful)
                VALUES (?, ?, ?, ?, ?, ?, 1, ?, 1, 0) ON CONFLICT (delivery) DO UPDATE SET mailbox = excluded.mailbox,
                batch = excluded.batch, uid = excluded.uid, uidvalidity = excluded.uidvalidity, delivered_at =
                excluded.delivered_at,
                pending = 1, target = excluded.target, verified_at = NULL, finding = NULL
                """,
                intent.mailbox, intent.key, copy.uid == 0 ? nil : Int64(copy.uid), Int64(uidValidity),
                current.at.milliseconds,
                try writer.terms.id(intent.target, on: writer))
            try setExpected(primary, entry.appended)
        }
        for row in merged where row.isWaiting || row.state == .failed {
            try merge(row, mailbox: intent.mailbox)
        }
    }

    mutating func merge(_ row: ProjectedDelivery, mailbox: Int64) throws {
        try move(row, to: .merged, mailbox: mailbox)
        try place(
            row,
            """
            INSERT INTO placement (delivery, mailbox, delivered_at, attempts, doubtful) VALUES (?, ?, ?, 0, 0) ON
            CONFLICT (delivery)
            DO UPDATE SET mailbox = excluded.mailbox, delivered_at = excluded.delivered_at, pending = NULL
            """,
            mailbox, current.at.milliseconds)
    }

    mutating func takeBack(_ batch: MessageID, _ ids: [MessageID], reason: String, mayAppear: Bool) throws {
        guard let intent = try openIntent(batch) else { return unmatched() }
        let close = try writer.statement(
            "UPDATE intent_entry SET is_open = ? WHERE intent = ? AND id = ? AND is_open = 1")
        var resolved = 0
        for id in ids {
            // The entry stays: a server may still show that it had the message after all.
            close.bind(1, mayAppear ? LedgerSchema.entryTakenBack : LedgerSchema.entryNeverSent)
            close.bind(2, intent.key)
            close.bind(3, id)
            try close.run()
            resolved += close.changes
            guard let found = try deliveries(of: id) else { continue }
            try note(message: found.message)
            for row in found.rows where row.state == .appending && row.batch == intent.key {
                try hold(row, lastError: reason)
            }
        }
        try resolve(resolved, of: intent.key)
    }

    mutating func verify(_ batch: MessageID, _ copies: [VerifiedCopy]) throws {
        guard let intent = try openIntent(batch) else { return unmatched() }
        let update = try writer.statement(
            "UPDATE placement SET verified_at = ?, finding = ?, uid = coalesce(?, uid), pending = NULL WHERE delivery = ?"
        )
        for copy in copies {
            guard let found = try deliveries(of: copy.id) else { continue }
            try note(message: found.message)
            for row in found.rows where row.state == .delivered && row.batch == intent.key {
                try move(row, to: .verified, mailbox: row.mailbox)
                update.bind(1, current.at.milliseconds)
                update.bind(2, copy.finding.rawValue + (copy.changes.isEmpty ? "" : ": " + copy.changes))
                update.bind(3, copy.uid == 0 ? nil : Int64(copy.uid))
                update.bind(4, row.id)
                try update.run()
            }
        }
    }

    private func resolve(_ count: Int, of intent: Int64) throws {
        let update = try writer.statement("UPDATE intent SET unresolved = max(0, unresolved - ?) WHERE key = ?")
        update.bind(1, count)
        update.bind(2, intent)
        try update.run()
    }

    private func openIntent(_ batch: MessageID) throws -> ProjectedIntent? {
        let select = try writer.statement("SELECT key, mailbox, target FROM intent WHERE batch = ?")
        select.bind(1, batch)
        defer { select.reset() }
        return try select.step()
            ? ProjectedIntent(key: select.int(0), mailbox: select.int(1), target: select.text(2)) : nil
    }

    /// Removes and returns the entry of a message: once the mailbox has the copy, `placement` knows all that is still
    /// needed.
    private func take(_ id: MessageID, from intent: Int64) throws -> ProjectedEntry? {
        let select = try writer.statement(
            "SELECT recipient, merged, length, digest, is_open, ordinal FROM intent_entry WHERE intent = ? AND id = ?")
        select.bind(1, intent)
        select.bind(2, id)
        guard try select.step() else { return nil }
        let merged = select.text(1).split(separator: "\n").map(String.init)
        let digest = SHA256Digest(bytes: select.blob(3))
        let entry = digest.map {
            ProjectedEntry(
                appended: AppendIntent.Entry(
                    id: id, recipient: select.text(0), merged: merged, head: [], length: Int(select.int(2)), digest: $0),
                isOpen: select.int(4) == 1)
        }
        let ordinal = select.int(5)
        select.reset()
        let delete = try writer.statement("DELETE FROM intent_entry WHERE intent = ? AND ordinal = ?")
        delete.bind(1, intent)
        delete.bind(2, ordinal)
        try delete.run()
        return entry
    }
}
