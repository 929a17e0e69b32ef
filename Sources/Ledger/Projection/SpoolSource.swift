import Spool

/// The spool on disk as the Ledger's source.
struct SpoolSource: LedgerSource {
    let reader: SpoolReader
    let journal: Journal

    init(layout: SpoolLayout) throws { self.init(journal: try Journal(layout: layout, by: "ledger")) }

    init(journal: Journal) {
        reader = SpoolReader(layout: journal.layout)
        self.journal = journal
    }

    func stableEnd() throws -> SpoolPosition { try reader.stableEnd() }

    func stableEnd(beyond known: SpoolPosition) throws -> SpoolPosition { try reader.stableEnd(beyond: known) }

    func messages(from: SpoolPosition, end: SpoolPosition, limit: Int, withHeaderPrefix: Bool) throws -> SegmentPage {
        try reader.messages(from: from, end: end, limit: limit, withHeaderPrefix: withHeaderPrefix)
    }

    func journalEnd() throws -> JournalPosition { try journal.end() }

    func journalEnd(beyond known: JournalPosition) throws -> JournalPosition { try journal.end(beyond: known) }

    func acts(from: JournalPosition, end: JournalPosition, limit: Int) throws -> JournalPage {
        try journal.entries(from: from, end: end, limit: limit)
    }

    func reclaimedActs(from: JournalPosition, end: JournalPosition) throws -> ReclaimedActs {
        try journal.reclaimedActs(from: from, end: end)
    }

    func contradiction(to mark: LedgerMark, _ progress: LedgerProgress) throws -> String? {
        if let why = try reader.contradiction(to: mark.segment, readTo: progress.spool) { return why }
        guard mark.act.position.file > 0, try !journal.holds(mark.act) else { return nil }
        return
            "the journal does not have act \(progress.act), which the index has read in \(reader.layout.journalFile(mark.act.position.file)) at byte \(mark.act.position.offset)"
    }
}
