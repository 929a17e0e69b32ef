public import MailModel
public import Spool

/// What `export` and `import` ask.
extension Ledger {
    /// Which copies an export of these deliveries is to write. The filter's limit counts deliveries, newest first.
    public func exportPlan(_ filter: AuditFilter) throws -> ExportPlan {
        try query { try ExportQuery(database: $0, index: $1).plan(filter) }
    }

    /// What became of messages, by their numbers and in the same order.
    public func outcomes(of sequences: [Int64]) throws -> [MessageOutcome] {
        try query { try ExportQuery(database: $0, index: $1).outcomes(sequences) }
    }

    /// Those of the ids that the Ledger has, whatever became of them.
    public func known(_ ids: [MessageID]) throws -> Set<MessageID> {
        try query { try ExportQuery(database: $0, index: $1).known(ids) }
    }

    /// A Ledger of its own for a copied spool, made in `scratch`, a directory that the caller removes; the copy stays as it is.
    ///
    /// When this returns, everything in the copy is projected.
    public static func open(copy: SpoolCopy, scratch: SpoolLayout, rules: AddressRules) throws -> Ledger {
        try scratch.create(POSIXFileSystem())
        let ledger = try open(
            layout: scratch, role: .writer, rules: rules, source: CopySource(copy: copy))
        try ledger.catchUp()
        return ledger
    }
}

/// A copied spool as a Ledger's source.
private struct CopySource: LedgerSource {
    let copy: SpoolCopy

    func stableEnd() throws -> SpoolPosition { try copy.end() }

    func messages(from: SpoolPosition, end: SpoolPosition, limit: Int, withHeaderPrefix: Bool) throws -> SegmentPage {
        try copy.reader.messages(from: from, end: end, limit: limit, withHeaderPrefix: withHeaderPrefix)
    }

    func journalEnd() throws -> JournalPosition { try copy.journalEnd() }

    func acts(from: JournalPosition, end: JournalPosition, limit: Int) throws -> JournalPage {
        try copy.acts(from: from, end: end, limit: limit)
    }

    func reclaimedActs(from: JournalPosition, end: JournalPosition) throws -> ReclaimedActs {
        try copy.reclaimedActs(from: from, end: end)
    }
}
