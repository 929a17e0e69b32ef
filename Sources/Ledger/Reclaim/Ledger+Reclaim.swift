import GRDB

/// What a reclaim asks.
extension Ledger {
    /// Segments of which a reclaim was journaled and not finished.
    public func openReclaims() throws -> [Int] {
        try query { database, _ in
            try Int.fetchAll(database, sql: "SELECT segment FROM open_reclaim ORDER BY segment")
        }
    }

    /// All messages that a segment ever held, in the order of arrival, each with what the rules say of it.
    public func reclaimCandidates(segment: Int, rules: ReclaimRules) throws -> [ReclaimCandidate] {
        try query { try ReclaimQuery(database: $0, index: $1, rules: rules).candidates(of: segment) }
    }
}
