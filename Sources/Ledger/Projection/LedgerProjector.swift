import MailModel
import Spool

/// Reads what is new in segments and journal into the Ledger.
///
/// Order: the journal's end is noted first, then the messages are projected up to the stable end of that moment, and
/// only then the journal, to the noted end. An act names only messages that were stable when it was written, so every
/// message it names is there. Each step is a transaction that stores its rows and its position together: a crash
/// between two just reads again.
struct LedgerProjector {
    let source: any LedgerSource
    let rules: AddressRules
    /// Runs its argument in one transaction under the writer's lock.
    let transaction: ((LedgerWriter) throws -> Step) throws -> Step

    /// What one transaction has left behind.
    enum Step: Sendable {
        case more(LedgerProgress)
        case done(LedgerProgress)

        var progress: LedgerProgress {
            switch self {
            case .more(let progress), .done(let progress): progress
            }
        }
    }

    /// When this returns, everything that was in the spool when it was called is in the Ledger.
    ///
    /// - Parameter each: called after every transaction with the progress made; for showing it.
    func catchUp(each: (LedgerProgress) -> Void = { _ in }) throws -> LedgerProgress {
        var progress = try transaction { .done(try LedgerProgress.load($0)) }.progress
        let journalEnd = try source.journalEnd(beyond: progress.journal)
        let spoolEnd = try source.stableEnd(beyond: progress.spool)
        // What acts already projected say of reclaimed messages is in the Ledger; the last segment is never reclaimed.
        let reclaimed =
            progress.spool.segment < spoolEnd.segment
            ? try source.reclaimedActs(from: progress.journal, end: journalEnd) : ReclaimedActs()
        let pages = MessagePages(source: source, reclaimed: reclaimed, journalEnd: journalEnd, end: spoolEnd)
        progress = try projectMessages(pages, from: progress, each: each)
        return try projectActs(to: journalEnd, from: progress, each: each)
    }

    /// Projects acts in the order of the journal. The messages that they name are there already.
    func projectActs(
        to end: JournalPosition, from first: LedgerProgress, each: (LedgerProgress) -> Void
    ) throws -> LedgerProgress {
        var progress = first
        while progress.journal < end {
            let start = progress.journal
            let acts = try source.acts(from: start, end: end, limit: LedgerLimits.actsPerTransaction)
            if acts.next == start { break }
            progress = try project(acts, readFrom: start)
            each(progress)
        }
        return progress
    }

    private func projectMessages(
        _ pages: MessagePages, from first: LedgerProgress, each: (LedgerProgress) -> Void
    ) throws -> LedgerProgress {
        var progress = first
        while progress.spool < pages.end {
            let step = try transaction { writer in
                var progress = try LedgerProgress.load(writer)
                guard let page = try pages.next(from: progress.spool, limit: LedgerLimits.messagesPerTransaction) else {
                    return .done(progress)
                }
                var projection = try MessageProjection(writer)
                try projection.apply(page, to: &progress)
                try projection.finish(&progress)
                try progress.store(writer)
                try LedgerMark.store(page.mark, writer)
                return .more(progress)
            }
            progress = step.progress
            each(progress)
            if case .done = step { break }
        }
        return progress
    }

    private func project(_ page: JournalPage, readFrom start: JournalPosition) throws -> LedgerProgress {
        try transaction { writer in
            var progress = try LedgerProgress.load(writer)
            // Another process may have projected this stretch meanwhile; then the next round goes on from where it is.
            guard progress.journal == start else { return .done(progress) }
            var projection = ActProjection(writer, rules: rules, progress: progress)
            for entry in page.entries { try projection.apply(entry) }
            progress = try projection.finish()
            progress.journal = page.next
            progress.damage += Int64(page.damage.count)
            try progress.store(writer)
            try LedgerMark.store(page.last, writer)
            return .done(progress)
        }.progress
    }
}
