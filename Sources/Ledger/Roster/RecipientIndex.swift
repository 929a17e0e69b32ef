import GRDB
import MailModel

/// Which mailbox each recipient means now, inside one snapshot.
///
/// A question about a few recipients looks each of them up, so that it costs the same however many there are. One that asks about
/// many, or that comes when the table of all is in memory already, uses that.
final class RecipientIndex {
    private let database: Database
    private let rules: AddressRules
    private let kept: KeptRecipients
    private let isTableKept: Bool
    private var table: RecipientTable?
    private var lookedUp: [Int64: Int64?] = [:]

    init(_ database: Database, rules: AddressRules, kept: KeptRecipients) {
        self.database = database
        self.rules = rules
        self.kept = kept
        isTableKept = kept.isFilled
    }

    /// The mailbox that a recipient means; nil for none.
    func mailbox(of recipient: Int64) throws -> Int64? {
        if isTableKept || table != nil { return try whole().mailbox(of: recipient) }
        if let known = lookedUp[recipient] { return known }
        guard lookedUp.count < LedgerLimits.recipientsLookedUp else { return try whole().mailbox(of: recipient) }
        let mailbox = try lookUp(recipient)
        lookedUp[recipient] = .some(mailbox)
        return mailbox
    }

    /// The recipients that mean a mailbox, oldest first.
    func recipients(of mailbox: Int64) throws -> [Int64] { try whole().recipients(of: mailbox) }

    /// The mailbox that has exactly this address (in lower case) in the roster.
    func mailbox(named key: String) throws -> Int64? {
        if let table { return table.mailbox(named: key) }
        return try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT mailbox FROM mailbox_address WHERE address = ?"), arguments: [key])
    }

    private func whole() throws -> RecipientTable {
        if let table { return table }
        let whole = try kept.table(database, rules: rules)
        table = whole
        return whole
    }

    private func lookUp(_ recipient: Int64) throws -> Int64? {
        let key = try String.fetchOne(
            database.cachedStatement(sql: "SELECT key FROM recipient WHERE id = ?"), arguments: [recipient])
        guard let key else { return nil }
        return try RecipientResolver(rules: rules, lookUp: mailbox(named:)).mailbox(for: key)
    }
}
