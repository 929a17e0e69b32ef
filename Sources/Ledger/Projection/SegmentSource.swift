import Spool

/// The segments alone: what a role may read that has no business with the journal. It never projects.
struct SegmentSource: LedgerSource {
    private let reader: SpoolReader

    init(layout: SpoolLayout) { reader = SpoolReader(layout: layout) }

    func stableEnd() throws -> SpoolPosition { try reader.stableEnd() }

    func messages(from: SpoolPosition, end: SpoolPosition, limit: Int, withHeaderPrefix: Bool) throws -> SegmentPage {
        try reader.messages(from: from, end: end, limit: limit, withHeaderPrefix: withHeaderPrefix)
    }

    func journalEnd() throws -> JournalPosition { .start }

    func acts(from: JournalPosition, end: JournalPosition, limit: Int) throws -> JournalPage {
        JournalPage(entries: [], next: from, damage: [])
    }

    func reclaimedActs(from: JournalPosition, end: JournalPosition) throws -> ReclaimedActs { ReclaimedActs() }

    func contradiction(to mark: LedgerMark, _ progress: LedgerProgress) throws -> String? {
        try reader.contradiction(to: mark.segment, readTo: progress.spool)
    }
}
