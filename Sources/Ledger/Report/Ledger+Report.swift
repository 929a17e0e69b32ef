public import MailModel

extension Ledger {
    /// What became of the mail of the selected mailboxes, and of their waves. Reads every delivery: some seconds for a million.
    public func report(_ selection: MailboxSelection = .all, now: Timestamp) throws -> DeliveryReport {
        try query { try ReportQuery(database: $0, index: $1).report(selection, now: now) }
    }
}
