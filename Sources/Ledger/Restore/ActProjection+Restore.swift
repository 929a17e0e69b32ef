import MailModel
import Spool

/// The acts after a spool was brought back: every mailbox is to be looked into, copies are adopted, the mailbox is done.
extension ActProjection {
    /// Also mailboxes that are not cut over: their cutover may be younger than what was brought back.
    ///
    /// - Parameter notes: the act being projected tells of it, and stands in each mailbox's history.
    mutating func flagEveryMailbox(at time: Timestamp, notes: Bool) throws {
        let mark = try writer.statement("UPDATE spool_mark SET restored_at = ? WHERE id = 1")
        mark.bind(1, time.milliseconds)
        try mark.run()
        let flag = try writer.statement(
            "INSERT OR REPLACE INTO unreconciled (mailbox, since, changed_at) SELECT key, ?, 0 FROM mailbox")
        flag.bind(1, time.milliseconds)
        try flag.run()
        guard notes else { return }
        let note = try writer.statement("INSERT OR IGNORE INTO act_mailbox (mailbox, act) SELECT key, ? FROM mailbox")
        note.bind(1, progress.act)
        try note.run()
    }

    /// A row of the roster that is new, or changed, after a spool was brought back may be one that was delivered to before.
    ///
    /// Which mail was there when the change was made cannot be known here: whoever makes it knows, and journals `reconciled` behind
    /// it where none of that mail comes to the mailbox (``RestoredMail``). Where nothing is said, it is looked into.
    func flagAfterRestore(_ mailbox: Int64) throws {
        let flag = try writer.statement(
            """
            INSERT OR IGNORE INTO unreconciled (mailbox, since, changed_at) SELECT ?, restored_at, ? FROM spool_mark
            WHERE restored_at > 0
            """)
        flag.bind(1, mailbox)
        flag.bind(2, current.at.milliseconds)
        try flag.run()
    }

    /// Mail that is taken over from another spool may be in these already.
    mutating func flagBeforeImport(_ ids: [String]) throws {
        for id in ids {
            guard let mailbox = try mailboxKey(id) else {
                unmatched()
                continue
            }
            try flagAfterRestore(mailbox)
            try note(mailbox: mailbox)
        }
    }

    /// Mail for addresses that a mailbox has lost goes to whom they mean now: a catch-all, or an address without extension.
    func flagHeirs(of addresses: [String]) throws {
        guard !addresses.isEmpty else { return }
        let select = try writer.statement("SELECT 1 FROM spool_mark WHERE restored_at > 0")
        defer { select.reset() }
        guard try select.step() else { return }
        for address in addresses {
            for name in resolver.namesakes(of: address) {
                if let heir = try resolver.mailbox(for: name) { try flagAfterRestore(heir) }
            }
        }
    }

    /// The addresses of a mailbox, in lower case.
    func addresses(of mailbox: Int64) throws -> [String] {
        let select = try writer.statement("SELECT address FROM mailbox_address WHERE mailbox = ? ORDER BY address")
        select.bind(1, mailbox)
        defer { select.reset() }
        var addresses: [String] = []
        while try select.step() { addresses.append(select.text(0)) }
        return addresses
    }

    /// Whether the roster has exactly this place and these addresses for the mailbox already.
    func isKnown(_ mailbox: RosterMailbox) throws -> Bool {
        let select = try writer.statement(
            """
            SELECT 1 FROM mailbox WHERE id = ? AND address = ? AND login = ? AND target = ? AND aliases = ?
            AND removed = 0
            """)
        let values = [
            mailbox.id, mailbox.address, mailbox.login, mailbox.target, mailbox.aliases.joined(separator: " "),
        ]
        for (index, value) in values.enumerated() { select.bind(Int32(index + 1), value) }
        defer { select.reset() }
        return try select.step()
    }

    mutating func unflag(_ mailboxID: String) throws {
        guard let mailbox = try mailboxKey(mailboxID) else { return unmatched() }
        try note(mailbox: mailbox)
        let unflag = try writer.statement("DELETE FROM unreconciled WHERE mailbox = ?")
        unflag.bind(1, mailbox)
        try unflag.run()
    }

    mutating func adopt(_ adoption: Adoption) throws {
        guard let mailbox = try mailboxKey(adoption.mailboxID) else { return unmatched() }
        try note(mailbox: mailbox)
        let batch = AppendIntent(
            batch: adoption.batch, mailboxID: adoption.mailboxID, target: adoption.target, login: adoption.login,
            folder: adoption.folder, uidValidity: adoption.uidValidity, uidNext: 0, entries: [])
        let intent = ProjectedIntent(
            key: try insert(batch, mailbox: mailbox), mailbox: mailbox, target: adoption.target)
        for copy in adoption.copies {
            let entry = AppendIntent.Entry(
                id: copy.id, recipient: copy.recipient, merged: copy.merged, head: [], length: copy.length,
                digest: copy.digest)
            try closeEntries(of: copy.id, mailbox: mailbox)
            try deliver(
                DeliveredCopy(id: copy.id, uid: copy.uid), ProjectedEntry(appended: entry, isOpen: false), intent,
                adoption.uidValidity)
        }
        let exact = adoption.copies.filter(\.isExact)
        try verify(
            adoption.batch, exact.map { VerifiedCopy(id: $0.id, uid: $0.uid, finding: .exact) })
    }
}
