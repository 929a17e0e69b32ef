import GRDB
public import MailModel
public import Spool

/// Finds out, inside one snapshot and before a change of addresses is made, to which mailboxes it brings mail that may be in them
/// already: after the spool was brought back, what was received before that may have been delivered in the time that the journal
/// does not know.
///
/// Projection cannot find it out: what came or was taken over later would be there when a Ledger is built anew, and was not when the
/// act was followed. So projection has every mailbox looked into that the change concerns, and the journal says behind it of which
/// that need not be.
struct RestoredMail {
    let database: Database
    let change: MappingChange
    /// Mailboxes whose account becomes another one: all their mail comes to it.
    var moved: Set<Int64> = []
    /// Mailboxes that the change concerns, by their ids, also such as are not in the Ledger yet.
    var changed: [Int64: String]
    let now: Timestamp

    /// The acts to be journaled behind the change, together with it; none where the spool was never brought back.
    func acts(_ statuses: [MailboxStatus]) throws -> [JournalAct] {
        guard let restoredAt = try LedgerMark.restoredAt(database)?.milliseconds else { return [] }
        var concerned = changed
        let known = Dictionary(statuses.map { ($0.key, $0) }) { first, _ in first }
        for key in try heirs() { concerned[key] = concerned[key] ?? known[key]?.mailbox.id }
        let gaining = try gaining(restoredAt)
        return concerned.filter { key, _ in !gaining.contains(key) && known[key]?.isUnreconciled != true }.values
            .sorted().map { .reconciled(mailboxID: $0, text: Self.words) }
    }

    private static let words = "no mail from before the restore came to it by the change of the roster"

    /// To whom such mail comes.
    private func gaining(_ restoredAt: Int64) throws -> Set<Int64> {
        let after = change.after
        var gaining: Set<Int64> = []
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT DISTINCT r.id, r.key FROM tally y JOIN recipient r ON r.id = y.recipient
                WHERE y.state IN (\(Self.open)) AND y.count > 0
                """)
        for row in rows {
            let recipient: Int64 = try row.at(0)
            guard let owner = try after.mailbox(for: row.at(1)), !gaining.contains(owner) else { continue }
            let isNew = try moved.contains(owner) || change.index.mailbox(of: recipient) != owner
            if isNew, try hasOldMail(recipient, restoredAt) { gaining.insert(owner) }
        }
        return gaining
    }

    /// What is yet to be delivered, or may be.
    private static let open = [DeliveryState.held, .appending, .failed].map { "\($0.rawValue)" }.joined(separator: ", ")

    /// Mail with a time that is still to come was received by another clock: it may be old as well.
    private func hasOldMail(_ recipient: Int64, _ restoredAt: Int64) throws -> Bool {
        try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT 1 FROM delivery d JOIN message m ON m.seq = d.id >> \(LedgerLimits.recipientBits)
                    WHERE d.recipient = ? AND d.state IN (\(Self.open)) AND (m.received_at <= ? OR m.received_at > ?)
                    LIMIT 1
                    """), arguments: [recipient, restoredAt, now.milliseconds]) != nil
    }

    /// Who has the mail of an address while nobody has the address itself, before and after the change.
    private func heirs() throws -> Set<Int64> {
        var heirs: Set<Int64> = []
        for address in change.owners.keys {
            for resolver in [change.before, change.after] {
                let without = RecipientResolver(rules: resolver.rules) {
                    try $0 == address ? nil : resolver.lookUp($0)
                }
                for name in resolver.namesakes(of: address) {
                    if let heir = try without.mailbox(for: name) { heirs.insert(heir) }
                }
            }
        }
        return heirs
    }
}

extension Ledger {
    /// What is to be journaled behind an import's acts, together with them, where the spool was once brought back: of which
    /// mailboxes it is known that nothing comes to them that may be there already.
    ///
    /// The others are to be reconciled. To be asked under the lock that changes of the roster take, just before they are made.
    public func actsAfterRestore(of plan: RosterImport, now: Timestamp) throws -> [JournalAct] {
        try query { database, index in
            let statuses = try MailboxQuery(database: database, index: index).statuses()
            let transfer = RosterTransfer(plan, statuses)
            let change = MappingChange(database: database, index: index, rules: rules, owners: transfer.owners)
            return try RestoredMail(
                database: database, change: change, moved: transfer.moved, changed: transfer.changed, now: now
            ).acts(statuses)
        }
    }
}
