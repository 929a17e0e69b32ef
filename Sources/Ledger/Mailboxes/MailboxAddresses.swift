import GRDB

/// The primary addresses of mailboxes by key, also of those that have left the roster, inside one snapshot.
///
/// Each is looked up when it is asked for, so that a question about a few does not cost what the roster would.
final class MailboxAddresses {
    private let database: Database
    private var known: [Int64: String?] = [:]

    init(_ database: Database) { self.database = database }

    /// Nil for no mailbox.
    func address(of mailbox: Int64?) throws -> String? {
        guard let mailbox else { return nil }
        if let address = known[mailbox] { return address }
        let address = try String.fetchOne(
            database.cachedStatement(sql: "SELECT address FROM mailbox WHERE key = ?"), arguments: [mailbox])
        known[mailbox] = .some(address)
        return address
    }
}
