import Spool

/// The spool on disk as the Ledger's source.
struct SpoolSource: LedgerSource {
    let reader: SpoolReader
    let journal: Journal

    init(layout: SpoolLayout) throws {
        reader = SpoolReader(layout: layout)
        journal = try Journal(layout: layout, by: "ledger")
    }

    func stableEnd() throws -> SpoolPosition { try reader.stableEnd() }

    func messages(from: SpoolPosition, end: SpoolPosition, limit: Int, withHeaderPrefix: Bool) throws -> SegmentPage {
        try reader.messages(from: from, end: end, limit: limit, withHeaderPrefix: withHeaderPrefix)
    }

    func journalEnd() throws -> JournalPosition { try journal.end() }

    func acts(from: JournalPosition, end: JournalPosition, limit: Int) throws -> JournalPage {
        try journal.entries(from: from, end: end, limit: limit)
    }

    func reclaimedActs(from: JournalPosition, end: JournalPosition) throws -> ReclaimedActs {
        try journal.reclaimedActs(from: from, end: end)
    }
}
