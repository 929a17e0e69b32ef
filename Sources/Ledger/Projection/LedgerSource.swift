import Spool

/// What the Ledger is derived from.
protocol LedgerSource: Sendable {
    /// How far messages are on stable storage.
    func stableEnd() throws -> SpoolPosition
    /// Messages from `from` to `end`, with the first octets of each.
    func messages(from: SpoolPosition, end: SpoolPosition, limit: Int, withHeaderPrefix: Bool) throws -> SegmentPage
    /// Where the journal ends on stable storage.
    func journalEnd() throws -> JournalPosition
    /// Acts from `from` to `end`, at most `limit`.
    func acts(from: JournalPosition, end: JournalPosition, limit: Int) throws -> JournalPage
    /// Where between `from` and `end` the acts stand that keep what is known of messages whose bytes were given back.
    func reclaimedActs(from: JournalPosition, end: JournalPosition) throws -> ReclaimedActs
}
