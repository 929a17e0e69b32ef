public import MailModel

extension Ledger {
    /// Deliveries of these messages, as `audit` shows them. Throws `.selection` for a message that the spool does not have.
    public func deliveries(of messages: Set<MessageID>) throws -> [AuditRow] {
        try messages.sorted().flatMap { id in
            var filter = AuditFilter()
            filter.id = id
            let rows = try audit(filter)
            guard !rows.isEmpty else {
                throw LedgerError(code: .selection, message: "no message \(id) in this spool; see `layover audit`")
            }
            return rows
        }
    }
}
