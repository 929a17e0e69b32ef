import GRDB
public import MailModel
public import Spool

/// Whether the Ledger in place is what the spool says.
extension Ledger {
    /// Builds a second Ledger beside the one in place, compares every message, delivery, mailbox and act, and, where they differ,
    /// puts the new one in place: unless the old one knows mail that the spool has lost, since then it alone remembers.
    ///
    /// The writer's lock is held meanwhile: mail is taken, replay waits. Memory does not grow with the spool; the disk needs room
    /// for a second Ledger.
    ///
    /// - Parameter damaged: messages whose bytes are not what was written: of these the old Ledger's subject and Message-ID, read when
    ///   they were, are right, and the new one takes them over.
    /// - Throws: `LedgerError.newerSchema` for a Ledger of a newer version, which is left alone.
    public static func compare(
        layout: SpoolLayout, rules: AddressRules = AddressRules(), damaged: [MessageID] = [],
        isJournalDamaged: Bool = false, each: (LedgerProgress) -> Void = { _ in }
    ) throws -> LedgerComparison {
        try compare(
            layout: layout, rules: rules, source: SpoolSource(layout: layout), damaged: damaged,
            isJournalDamaged: isJournalDamaged, each: each)
    }

    static func compare(
        layout: SpoolLayout, rules: AddressRules, source: any LedgerSource, damaged: [MessageID] = [],
        isJournalDamaged: Bool = false, each: (LedgerProgress) -> Void = { _ in }
    ) throws -> LedgerComparison {
        return try LedgerDatabase.withWriterLock(layout) {
            let place = LedgerPlace(layout: layout)
            let found = try place.inspect()
            if case .newer = found, let refusal = found.refusal(path: layout.ledger) { throw refusal }
            let source = try FixedEndSource(source)
            defer { place.discardReplacement() }
            var comparison: LedgerComparison?
            try place.makeReplacement { built in
                let progress = try BulkProjection(writer: built, source: source, rules: rules).run(each: each)
                var result = LedgerComparison(progress: progress)
                try fill(&result, found, built, source, rules, layout, damaged)
                comparison = result
            }
            guard var comparison else {
                throw LedgerError(code: .io, message: "\(place.replacement): building ended without a result")
            }
            let knowsMore = comparison.missing > 0 || isJournalDamaged && comparison.unknownActs > 0
            if !comparison.isSame && !knowsMore {
                try place.putReplacementInPlace()
                comparison.isRepaired = true
            }
            return comparison
        }
    }

    private static func fill(
        _ comparison: inout LedgerComparison, _ found: LedgerInspection, _ built: LedgerWriter,
        _ source: any LedgerSource, _ rules: AddressRules, _ layout: SpoolLayout, _ damaged: [MessageID]
    ) throws {
        switch found {
        case .missing: comparison.faults = ["\(layout.ledger) is missing"]
        case .older, .newer, .damaged: comparison.faults = found.refusal(path: layout.ledger).map { ["\($0)"] } ?? []
        case .ours:
            do {
                try SQLiteFailure.translated(path: layout.ledger) {
                    let present = try LedgerWriter(path: layout.ledger, durability: .full)
                    defer { present.close() }
                    try compare(present, built, source, rules, layout, damaged, into: &comparison)
                }
            } catch let error as LedgerError where error.code == .corrupt || error.code == .sql {
                comparison.faults.append(error.message)
            }
        }
    }

    /// First what SQLite itself says of the file, then the rows, once it has read as far as the one that was built.
    private static func compare(
        _ present: LedgerWriter, _ built: LedgerWriter, _ source: any LedgerSource, _ rules: AddressRules,
        _ layout: SpoolLayout, _ damaged: [MessageID], into comparison: inout LedgerComparison
    ) throws {
        comparison.faults = try present.integrityFaults()
        guard comparison.faults.isEmpty else { return }
        let projector = LedgerProjector(source: source, rules: rules) { try present.transaction($0) }
        _ = try projector.catchUp()
        comparison.kept = try DamagedMail(present: present, built: built).takeOver(damaged)
        for view in LedgerView.all {
            try ViewComparison(view, present: present, built: built, layout: layout).run(into: &comparison)
        }
    }
}
