import Spool

/// What the Ledger is derived from.
protocol LedgerSource: Sendable {
    /// How far messages are on stable storage.
    func stableEnd() throws -> SpoolPosition
    /// As `stableEnd`, at less cost where nothing was written behind `known`, which was stable once.
    func stableEnd(beyond known: SpoolPosition) throws -> SpoolPosition
    /// Messages from `from` to `end`, with the first octets of each.
    func messages(from: SpoolPosition, end: SpoolPosition, limit: Int, withHeaderPrefix: Bool) throws -> SegmentPage
    /// Where the journal ends on stable storage.
    func journalEnd() throws -> JournalPosition
    /// As `journalEnd`, at less cost where nothing was written behind `known`, which was stable once.
    func journalEnd(beyond known: JournalPosition) throws -> JournalPosition
    /// Acts from `from` to `end`, at most `limit`.
    func acts(from: JournalPosition, end: JournalPosition, limit: Int) throws -> JournalPage
    /// Where between `from` and `end` the acts stand that keep what is known of messages whose bytes were given back.
    func reclaimedActs(from: JournalPosition, end: JournalPosition) throws -> ReclaimedActs
    /// Why this cannot be the spool that was read so far; nil where it can.
    func contradiction(to mark: LedgerMark, _ progress: LedgerProgress) throws -> String?
}

extension LedgerSource {
    func stableEnd(beyond known: SpoolPosition) throws -> SpoolPosition { try stableEnd() }
    func journalEnd(beyond known: JournalPosition) throws -> JournalPosition { try journalEnd() }
    /// A source that cannot be brought back from anywhere is always the one that was read.
    func contradiction(to mark: LedgerMark, _ progress: LedgerProgress) throws -> String? { nil }
}
