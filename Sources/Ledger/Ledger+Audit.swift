import Spool

/// What people ask about messages.
extension Ledger {
    /// Hands over each delivery that the filter means, newest first, from one snapshot. Throws `.selection` for a
    /// mailbox or wave that is not there.
    public func audit(_ filter: AuditFilter, _ body: (AuditRow) throws -> Void) throws {
        try query { try AuditQuery(database: $0, index: $1).forEach(filter, body) }
    }

    /// The deliveries that the filter means, newest first.
    public func audit(_ filter: AuditFilter) throws -> [AuditRow] {
        var rows: [AuditRow] = []
        try audit(filter) { rows.append($0) }
        return rows
    }

    /// Proves that nothing is missing, over what was accepted when it was called.
    ///
    /// What was accepted is counted from the segments, up to exactly the place that the Ledger has read to; whom of its recipients
    /// a selection means, the Ledger says. A writer catches up first. Takes as long as reading the segments' records does.
    public func prove(_ selection: MailboxSelection = .all) throws -> Proof {
        let end = try source.stableEnd()
        if database.role == .writer { try catchUp() }
        guard selection.isEverything else { return try prove(selection, end) }
        let (read, counts) = try query { database, index in
            (
                try LedgerProgress.load(database)?.spool ?? .start,
                try ProofQuery(database: database, index: index).everything()
            )
        }
        let accepted = try AcceptedCount.count(source, before: read)
        return Proof(accepted: accepted, counts: counts, isComplete: read >= end)
    }

    /// All in one snapshot, since a roster that changes meanwhile would change whom the selection means.
    private func prove(_ selection: MailboxSelection, _ end: SpoolPosition) throws -> Proof {
        try query { database, index in
            let read = try LedgerProgress.load(database)?.spool ?? .start
            let selected = try SelectedMailboxes(selection, MailboxQuery(database: database, index: index))
            let counts = try ProofQuery(database: database, index: index).counts(of: selected)
            let recipients = SelectedRecipients(database: database, index: index, rules: rules, selected: selected)
            let accepted = try AcceptedCount.count(source, before: read, of: recipients.count)
            return Proof(accepted: accepted, counts: counts, isComplete: read >= end)
        }
    }
}
