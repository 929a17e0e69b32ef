import MailModel
import Spool

/// Acts that give an address to a mailbox, beside what the roster says.
extension ActProjection {
    mutating func assign(_ address: String, to id: String) throws {
        guard let mailbox = try mailboxKey(id) else { return unmatched() }
        let key = address.asciiLowercased
        // The last act that claims an address is right.
        if let owner = try owner(of: key), owner != mailbox { try forget(key, of: owner) }
        let claim = try writer.statement("INSERT OR REPLACE INTO mailbox_address (address, mailbox) VALUES (?, ?)")
        claim.bind(1, key)
        claim.bind(2, mailbox)
        try claim.run()
        try setAssigned(assigned(to: mailbox).filter { $0 != key } + [key], of: mailbox)
        // The mailbox may have got such mail before: copies that it has were nobody's when it was looked into.
        try flagAfterRestore(mailbox)
    }

    mutating func unassign(_ address: String) throws {
        let key = address.asciiLowercased
        guard let mailbox = try owner(of: key), try assigned(to: mailbox).contains(key) else { return unmatched() }
        // The roster may have come to say the same.
        if try isInRoster(key, of: mailbox) {
            try setAssigned(assigned(to: mailbox).filter { $0 != key }, of: mailbox)
        } else {
            try forget(key, of: mailbox)
            try flagHeirs(of: [key])
        }
    }

    /// What was assigned to a mailbox, in lower case.
    func assigned(to mailbox: Int64) throws -> [String] {
        let select = try writer.statement("SELECT assigned FROM mailbox WHERE key = ?")
        select.bind(1, mailbox)
        defer { select.reset() }
        guard try select.step() else { return [] }
        return select.text(0).split(separator: " ").map(String.init)
    }

    private func owner(of key: String) throws -> Int64? {
        let select = try writer.statement("SELECT mailbox FROM mailbox_address WHERE address = ?")
        select.bind(1, key)
        defer { select.reset() }
        return try select.step() ? select.int(0) : nil
    }

    private func isInRoster(_ key: String, of mailbox: Int64) throws -> Bool {
        let select = try writer.statement("SELECT address, aliases FROM mailbox WHERE key = ?")
        select.bind(1, mailbox)
        defer { select.reset() }
        guard try select.step() else { return false }
        return select.text(0).asciiLowercased == key
            || select.text(1).asciiLowercased.split(separator: " ").contains { $0 == key }
    }

    private mutating func forget(_ key: String, of mailbox: Int64) throws {
        let forget = try writer.statement("DELETE FROM mailbox_address WHERE address = ?")
        forget.bind(1, key)
        try forget.run()
        try setAssigned(assigned(to: mailbox).filter { $0 != key }, of: mailbox)
    }

    private mutating func setAssigned(_ addresses: [String], of mailbox: Int64) throws {
        let update = try writer.statement("UPDATE mailbox SET assigned = ? WHERE key = ?")
        update.bind(1, addresses.joined(separator: " "))
        update.bind(2, mailbox)
        try update.run()
        try note(mailbox: mailbox)
        progress.rosterVersion += 1
    }
}
