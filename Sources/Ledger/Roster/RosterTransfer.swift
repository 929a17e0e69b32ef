import MailModel

/// What an import does to who has which address.
struct RosterTransfer {
    /// The mailbox of each address that changes hands, in lower case; nil where it has none any more.
    private(set) var owners: [String: Int64?] = [:]
    /// Mailboxes whose mail goes elsewhere afterwards, or nowhere.
    private(set) var moved: Set<Int64> = []
    /// Mailboxes that are there afterwards and get another place or other addresses, by their ids.
    private(set) var changed: [Int64: String] = [:]

    init(_ plan: RosterImport, _ statuses: [MailboxStatus]) {
        let known = Dictionary(statuses.map { ($0.mailbox.id, $0) }) { first, _ in first }
        // What a mailbox loses first: another may gain it.
        for change in plan.changes {
            guard let old = known[change.mailbox.id] else { continue }
            if change.movesMail(of: old.mailbox) { moved.insert(old.key) }
            for address in old.mailbox.addresses { owners[address.asciiLowercased] = .some(nil) }
        }
        for (number, change) in plan.changes.enumerated() where !change.isRemoval {
            // One that is new has no key yet; it is nobody's of those that are there.
            let key = known[change.mailbox.id]?.key ?? Int64(-1 - number)
            for address in change.mailbox.addresses { owners[address.asciiLowercased] = key }
            if change.concernsDelivery { changed[key] = change.mailbox.id }
        }
    }
}
