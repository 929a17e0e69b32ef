import Spool

/// Reads what is new in segments and journal into the Ledger.
///
/// Order: the journal's end is noted first, then the messages are projected up to the stable end of that moment, and
/// only then the journal, to the noted end. An act names only messages that were stable when it was written, so every
/// message it names is there. Each step is a transaction that stores its rows and its position together: a crash
/// between two just reads again.
struct LedgerProjector {
    let source: any LedgerSource
    /// Old domain to new domain, both in lower case.
    let domainAliases: [String: String]
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
        let journalEnd = try source.journalEnd()
        let spoolEnd = try source.stableEnd()
        var progress = try transaction { .done(try LedgerProgress.load($0)) }.progress
        // What acts already projected say of reclaimed messages is in the Ledger; the last segment is never reclaimed.
        let reclaimed =
            progress.spool.segment < spoolEnd.segment
            ? try source.reclaimedActs(from: progress.journal, end: journalEnd) : ReclaimedActs()
        let segments = ReclaimedSegments(source: source, acts: reclaimed, journalEnd: journalEnd)
        progress = try projectMessages(to: spoolEnd, from: progress, segments, each: each)
        while progress.journal < journalEnd {
            let start = progress.journal
            let acts = try source.acts(from: start, end: journalEnd, limit: LedgerLimits.actsPerTransaction)
            if acts.next == start { break }
            progress = try project(acts, readFrom: start)
            each(progress)
        }
        return progress
    }

    private func projectMessages(
        to end: SpoolPosition, from first: LedgerProgress, _ segments: ReclaimedSegments,
        each: (LedgerProgress) -> Void
    ) throws -> LedgerProgress {
        var progress = first
        while progress.spool < end {
            let step = try transaction { writer in
                var progress = try LedgerProgress.load(writer)
                guard progress.spool < end else { return .done(progress) }
                let isDone = try projectNext(to: end, segments, &progress, writer)
                if !isDone { try progress.store(writer) }
                return isDone ? .done(progress) : .more(progress)
            }
            progress = step.progress
            each(progress)
            if case .done = step { break }
        }
        return progress
    }

    /// One page of messages, or one segment of which some were given back. True where there is nothing more.
    private func projectNext(
        to end: SpoolPosition, _ segments: ReclaimedSegments, _ progress: inout LedgerProgress, _ writer: LedgerWriter
    ) throws -> Bool {
        let next = segments.next(from: progress.spool.segment, before: end.segment)
        if let next, next == progress.spool.segment {
            // Read whole and from its beginning: its file may have been written anew since. What is known stays as it is.
            var projection = try MessageProjection(writer)
            try projection.apply(try segments.read(next), to: &progress)
            return false
        }
        let stop = next.map { SpoolPosition(segment: $0, offset: 0) } ?? end
        let page = try source.messages(
            from: progress.spool, end: stop, limit: LedgerLimits.messagesPerTransaction, withHeaderPrefix: true)
        guard page.next != progress.spool else {
            // The next segment's file is gone.
            guard progress.spool < stop, stop < end else { return true }
            progress.spool = stop
            return false
        }
        var projection = try MessageProjection(writer)
        try projection.apply(page, to: &progress)
        return false
    }

    private func project(_ page: JournalPage, readFrom start: JournalPosition) throws -> LedgerProgress {
        try transaction { writer in
            var progress = try LedgerProgress.load(writer)
            // Another process may have projected this stretch meanwhile; then the next round goes on from where it is.
            guard progress.journal == start else { return .done(progress) }
            var projection = ActProjection(writer, domainAliases: domainAliases, progress: progress)
            for entry in page.entries { try projection.apply(entry) }
            progress = try projection.finish()
            progress.journal = page.next
            progress.damage += Int64(page.damage.count)
            try progress.store(writer)
            return .done(progress)
        }.progress
    }
}
