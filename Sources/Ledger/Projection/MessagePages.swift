import Spool

/// The messages of the spool up to a noted end, page by page, those whose bytes were given back in their places.
struct MessagePages: Sendable {
    let end: SpoolPosition
    private let source: any LedgerSource
    private let reclaimed: ReclaimedSegments

    /// - Parameter reclaimed: what the journal keeps, up to its noted end, of messages in segments that are still to be read.
    init(source: any LedgerSource, reclaimed: ReclaimedActs, journalEnd: JournalPosition, end: SpoolPosition) {
        self.source = source
        self.reclaimed = ReclaimedSegments(source: source, acts: reclaimed, journalEnd: journalEnd)
        self.end = end
    }

    /// What follows `position`: at most `limit` messages, or one whole segment of which some were given back. Nil where nothing is left.
    func next(from position: SpoolPosition, limit: Int) throws -> PreparedPage? {
        guard position < end else { return nil }
        let special = reclaimed.next(from: position.segment, before: end.segment)
        if let special, special == position.segment {
            // Read whole and from its beginning: its file may have been written anew since. What is known stays as it is.
            let segment = try reclaimed.read(special)
            return PreparedPage(
                messages: segment.messages, next: SpoolPosition(segment: special + 1, offset: 0),
                damage: segment.damage.count)
        }
        let stop = special.map { SpoolPosition(segment: $0, offset: 0) } ?? end
        let page = try source.messages(from: position, end: stop, limit: limit, withHeaderPrefix: true)
        if page.next != position { return PreparedPage(page) }
        // The next segment's file is gone.
        return position < stop && stop < end ? PreparedPage(messages: [], next: stop, damage: 0) : nil
    }
}
