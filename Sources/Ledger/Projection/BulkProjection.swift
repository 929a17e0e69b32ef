import MailModel
import Spool

/// Builds a Ledger from the whole spool into an empty file that nobody else uses.
///
/// The same rows as following makes, in less time: reading and preparing run beside the writing, and each index that projection
/// itself does not ask is made when all its rows are there. A crash leaves a file that is thrown away, so nothing is synced.
struct BulkProjection {
    let writer: LedgerWriter
    let source: any LedgerSource
    let rules: AddressRules

    /// When this returns, everything that was in the spool when it was called is in the Ledger.
    func run(each: (LedgerProgress) -> Void) throws -> LedgerProgress {
        // B1. The journal's end before that of the messages, so that every message that an act up to there names is there.
        let journalEnd = try source.journalEnd()
        let spoolEnd = try source.stableEnd()
        // B2. All messages, since an act may name any of them.
        let reclaimed = try source.reclaimedActs(from: .start, end: journalEnd)
        let pages = MessagePages(source: source, reclaimed: reclaimed, journalEnd: journalEnd, end: spoolEnd)
        var progress = try projectMessages(pages, each: each)
        // B3. All acts, in their order.
        let projector = LedgerProjector(source: source, rules: rules) { try writer.transaction($0) }
        progress = try projector.projectActs(to: journalEnd, from: progress, each: each)
        // B4. The indexes that only questions need: made once, in order, of the states as they are now.
        try writer.createIndexes()
        return progress
    }

    private func projectMessages(_ pages: MessagePages, each: (LedgerProgress) -> Void) throws -> LedgerProgress {
        try writer.transaction { writer in
            var progress = try LedgerProgress.load(writer)
            var projection = try MessageProjection(writer)
            var mark: SegmentMark?
            try MessageReadAhead.forEach(of: pages, from: progress.spool) { page in
                try projection.apply(page, to: &progress)
                try projection.storeGathered(ifMany: true)
                mark = page.mark ?? mark
                each(progress)
            }
            try projection.storeGathered(ifMany: false)
            try progress.store(writer)
            try LedgerMark.store(mark, writer)
            return progress
        }
    }
}
