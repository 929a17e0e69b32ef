import Spool

/// A source that ends for good where it ended once, so that two readers of it read the same.
struct FixedEndSource: LedgerSource {
    private let source: any LedgerSource
    private let spool: SpoolPosition
    private let journal: JournalPosition

    init(_ source: any LedgerSource) throws {
        self.source = source
        // The journal first: what an act names was there before it.
        journal = try source.journalEnd()
        spool = try source.stableEnd()
    }

    func stableEnd() throws -> SpoolPosition { spool }

    func messages(from: SpoolPosition, end: SpoolPosition, limit: Int, withHeaderPrefix: Bool) throws -> SegmentPage {
        try source.messages(from: from, end: end, limit: limit, withHeaderPrefix: withHeaderPrefix)
    }

    func journalEnd() throws -> JournalPosition { journal }

    func acts(from: JournalPosition, end: JournalPosition, limit: Int) throws -> JournalPage {
        try source.acts(from: from, end: end, limit: limit)
    }

    func reclaimedActs(from: JournalPosition, end: JournalPosition) throws -> ReclaimedActs {
        try source.reclaimedActs(from: from, end: end)
    }
}
