import MailModel
import Spool

/// Acts on mailboxes and waves.
extension ActProjection {
    /// The mailbox's number, also of one that was removed. Nil when no act has ever set it.
    func mailboxKey(_ id: String) throws -> Int64? {
        let select = try writer.statement("SELECT key FROM mailbox WHERE id = ?")
        select.bind(1, id)
        defer { select.reset() }
        return try select.step() ? select.int(0) : nil
    }

    mutating func setMailbox(_ mailbox: RosterMailbox) throws {
        let isKnown = try isKnown(mailbox)
        let upsert = try writer.statement(
            """
            INSERT INTO mailbox (id, address, login, target, wave, aliases, kind, folder, paused, removed) VALUES (?, ?,
            ?, ?, ?, ?, ?, ?, 0, 0)
            ON CONFLICT (id) DO UPDATE SET address = excluded.address, login = excluded.login, target = excluded.target,
            wave = excluded.wave, aliases = excluded.aliases, kind = excluded.kind, folder = excluded.folder, removed =
            0
            """)
        let values = [
            mailbox.id, mailbox.address, mailbox.login, mailbox.target, mailbox.wave,
            mailbox.aliases.joined(separator: " "),
            mailbox.kind.rawValue, mailbox.folder,
        ]
        for (index, value) in values.enumerated() { upsert.bind(Int32(index + 1), value) }
        try upsert.run()
        guard let key = try mailboxKey(mailbox.id) else { return unmatched() }
        let had = try addresses(of: key)
        try forgetAddresses(of: key)
        // An address belongs to one mailbox: the last act that claims it is right.
        let claim = try writer.statement("INSERT OR REPLACE INTO mailbox_address (address, mailbox) VALUES (?, ?)")
        let assigned = try assigned(to: key)
        for address in mailbox.addresses + assigned {
            claim.bind(1, address.asciiLowercased)
            claim.bind(2, key)
            try claim.run()
        }
        if !mailbox.wave.isEmpty {
            let wave = try writer.statement("INSERT OR IGNORE INTO wave (name) VALUES (?)")
            wave.bind(1, mailbox.wave)
            try wave.run()
        }
        if !isKnown { try flagAfterRestore(key) }
        let has = Set((mailbox.addresses + assigned).map(\.asciiLowercased))
        try flagHeirs(of: had.filter { !has.contains($0) })
        try note(mailbox: key)
        progress.rosterVersion += 1
    }

    private func forgetAddresses(of mailbox: Int64) throws {
        let forget = try writer.statement("DELETE FROM mailbox_address WHERE mailbox = ?")
        forget.bind(1, mailbox)
        try forget.run()
    }

    mutating func removeMailbox(_ id: String) throws {
        guard let key = try mailboxKey(id) else { return unmatched() }
        let remove = try writer.statement("UPDATE mailbox SET removed = 1, assigned = '' WHERE key = ?")
        remove.bind(1, key)
        try remove.run()
        let had = try addresses(of: key)
        try forgetAddresses(of: key)
        try flagHeirs(of: had)
        try note(mailbox: key)
        progress.rosterVersion += 1
    }

    mutating func setCutover(_ ids: [String], at milliseconds: Int64?) throws {
        let update = try writer.statement("UPDATE mailbox SET cutover_at = ? WHERE key = ?")
        for id in ids {
            guard let key = try mailboxKey(id) else {
                unmatched()
                continue
            }
            update.bind(1, milliseconds)
            update.bind(2, key)
            try update.run()
            try note(mailbox: key)
        }
    }

    mutating func setPaused(_ ids: [String], _ isPaused: Bool) throws {
        let update = try writer.statement("UPDATE mailbox SET paused = ? WHERE key = ?")
        for id in ids {
            guard let key = try mailboxKey(id) else {
                unmatched()
                continue
            }
            update.bind(1, isPaused ? 1 : 0)
            update.bind(2, key)
            try update.run()
            try note(mailbox: key)
        }
    }

    func closeWave(_ name: String, why: String) throws {
        let close = try writer.statement(
            """
            INSERT INTO wave (name, closed_at, closed_by, why) VALUES (?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET closed_at = excluded.closed_at, closed_by = excluded.closed_by, why =
            excluded.why
            """)
        close.bind(1, name)
        close.bind(2, current.at.milliseconds)
        close.bind(3, current.by)
        close.bind(4, why)
        try close.run()
    }
}
