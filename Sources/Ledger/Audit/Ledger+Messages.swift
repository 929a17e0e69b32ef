public import MailModel

extension Ledger {
    /// Deliveries of these messages, as `audit` shows them. Throws `.selection` for a message that the spool does not have.
    public func deliveries(of messages: Set<MessageID>) throws -> [AuditRow] {
        try messages.sorted().flatMap { id in
            var filter = AuditFilter()
            filter.id = id
            let rows = try audit(filter)
            guard !rows.isEmpty else {
                throw LedgerError(
                    code: .selection, message: "no message \(id) in this spool; `layover audit` lists what there is")
            }
            return rows
        }
    }
}

extension MailboxSelection {
    /// Whether a delivery is one of the mailboxes that this selects; where it selects all, also one that has no mailbox.
    ///
    /// - Parameter selected: what the selection means now.
    public func means(in selected: [MailboxStatus]) -> (AuditRow) -> Bool {
        let addresses = Set(selected.map(\.mailbox.address))
        let isEverything = self == .all
        return { row in row.mailbox.map(addresses.contains) ?? isEverything }
    }
}
