import GRDB
public import MailModel
import Spool

/// Recipients without a mailbox, and giving them one.
extension Ledger {
    /// The recipients that no mailbox of the roster has now, by what came for them and what the receiver refused.
    ///
    /// - Parameter since: only those used since then. Of accepted mail only what came since is counted; of refused attempts, which are
    ///   kept as counts, all of a name that was tried since.
    public func coverage(since: Timestamp? = nil) throws -> RosterCoverage {
        let refused = try RefusedRecipientsFile.read(layout: layout) ?? RefusedRecipientsFile()
        return try query { database, index in
            let resolver = RecipientResolver(rules: rules, lookUp: index.mailbox(named:))
            let query = CoverageQuery(database: database, index: index, resolver: resolver, since: since)
            return RosterCoverage(
                recipients: try query.recipients(refused: refused.recipients), unlisted: refused.unlisted)
        }
    }

    /// The mailbox that has exactly this address, by the roster or by an assignment; nil for none.
    public func mailbox(withAddress address: MailAddress) throws -> MailboxStatus? {
        try query { database, index in
            guard let key = try index.mailbox(named: address.key) else { return nil }
            return try MailboxQuery(database: database, index: index).statuses().first { $0.key == key }
        }
    }

    /// What changes when `address` is this mailbox's (nil: nobody's) from now on, also for the same address with an extension.
    public func assignment(
        of address: MailAddress, to mailboxID: String?, now: Timestamp = .now()
    ) throws -> Assignment {
        try query { database, index in
            let statuses = try MailboxQuery(database: database, index: index).statuses()
            let gaining = statuses.first { $0.mailbox.id == mailboxID }
            let change = MappingChange(
                database: database, index: index, rules: rules, owners: [address.key: gaining?.key])
            let (held, losing) = try change.effect()
            let restored = RestoredMail(
                database: database, change: change,
                changed: gaining.map { [$0.key: $0.mailbox.id] } ?? [:], now: now)
            return Assignment(
                held: held, losing: statuses.filter { losing.contains($0.key) },
                afterRestore: try restored.acts(statuses))
        }
    }
}
