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
    /// With everything selected, what was accepted is counted from the segments, up to exactly the place that the
    /// Ledger has read to; else from the Ledger. A writer catches up first.
    public func prove(_ selection: MailboxSelection = .all) throws -> Proof {
        let end = try source.stableEnd()
        if database.role == .writer { try catchUp() }
        let (progress, counts) = try query { database, index in
            let query = ProofQuery(database: database, index: index)
            return (
                try LedgerProgress.load(database),
                try selection.isEverything ? query.everything() : query.counts(of: selection)
            )
        }
        let read = progress?.spool ?? .start
        let accepted = selection.isEverything ? try AcceptedCount.count(source, before: read) : counts.total
        return Proof(accepted: accepted, counts: counts, isComplete: read >= end)
    }
}
