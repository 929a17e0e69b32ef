import GRDB
import MailModel

/// Whose held mail changes its mailbox when addresses do, inside one snapshot.
struct MappingChange {
    let database: Database
    let index: RecipientIndex
    let rules: AddressRules
    /// The mailbox of each address that changes hands, in lower case; nil where it has none any more.
    let owners: [String: Int64?]

    var before: RecipientResolver { RecipientResolver(rules: rules, lookUp: index.mailbox(named:)) }
    var after: RecipientResolver {
        RecipientResolver(rules: rules) { [owners, index] in try owners[$0] ?? index.mailbox(named: $0) }
    }

    /// Held messages that would go elsewhere, and the mailboxes that may be in the middle of getting them: of mail that is held now, and
    /// of what comes for these addresses before the change is made.
    func effect() throws -> (held: Int, losing: Set<Int64>) {
        var (held, losing) = (0, Set<Int64>())
        for address in owners.keys {
            let owner = try before.mailbox(for: address)
            if let owner, try after.mailbox(for: address) != owner { losing.insert(owner) }
        }
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT r.id, r.key, sum(y.count) FROM tally y JOIN recipient r ON r.id = y.recipient
                WHERE y.state = \(DeliveryState.held.rawValue) AND y.count > 0 GROUP BY r.id
                """)
        while let row = try rows.next() {
            let owner = try index.mailbox(of: row.at(0))
            guard try after.mailbox(for: row.at(1)) != owner else { continue }
            held += try row.at(2)
            if let owner { losing.insert(owner) }
        }
        return (held, losing)
    }
}
