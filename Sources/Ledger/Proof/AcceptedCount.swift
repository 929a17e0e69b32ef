import MailModel
import Spool

/// Counts recipients from the segments and, of what was given back, from the journal.
struct AcceptedCount {
    /// How many recipients of these messages are meant.
    typealias Recipients = ([SpooledMessage]) throws -> Int

    private let source: any LedgerSource
    private let end: SpoolPosition
    private let recipients: Recipients
    private var bySegment: [Int: Int] = [:]

    /// The recipients of all messages before `end`: without the Ledger.
    ///
    /// Streams; takes as long as reading the segments' records does.
    static func count(_ source: any LedgerSource, before end: SpoolPosition) throws -> Int {
        try count(source, before: end) { $0.reduce(0) { $0 + $1.envelope.recipients.count } }
    }

    /// As the other, of those recipients that `recipients` counts; it is asked page by page.
    static func count(_ source: any LedgerSource, before end: SpoolPosition, of recipients: Recipients) throws -> Int {
        try withoutActuallyEscaping(recipients) { recipients in
            try count(AcceptedCount(source: source, end: end, recipients: recipients))
        }
    }

    private static func count(_ fresh: AcceptedCount) throws -> Int {
        var count = fresh
        let (source, end) = (count.source, count.end)
        var read: JournalPosition?
        var reclaimed = ReclaimedActs()
        // A reclaim may run meanwhile. What it takes out of a segment stands in the journal before, so a segment that the
        // journal names anew is counted anew.
        while true {
            let journalEnd = try source.journalEnd()
            let new = try source.reclaimedActs(from: read ?? .start, end: journalEnd)
            reclaimed.merge(new)
            let isFirst = read == nil
            if isFirst { try count.countRecords() }
            read = journalEnd
            for segment in new.positions.keys where segment < end.segment {
                try count.recount(ReclaimedSegments(source: source, acts: reclaimed, journalEnd: journalEnd), segment)
            }
            if !isFirst && new.positions.isEmpty { return count.bySegment.values.reduce(0, +) }
        }
    }

    private init(source: any LedgerSource, end: SpoolPosition, recipients: @escaping Recipients) {
        self.source = source
        self.end = end
        self.recipients = recipients
    }

    private mutating func countRecords() throws {
        var position = SpoolPosition.start
        while position < end {
            let page = try source.messages(
                from: position, end: end, limit: LedgerLimits.messagesPerTransaction, withHeaderPrefix: false)
            for (segment, messages) in Dictionary(grouping: page.messages, by: \.position.segment) {
                bySegment[segment, default: 0] += try recipients(messages)
            }
            guard page.next != position else { break }
            position = page.next
        }
    }

    private mutating func recount(_ segments: ReclaimedSegments, _ number: Int) throws {
        let messages = try segments.read(number, withHeaderPrefix: false).messages
        bySegment[number] = try recipients(messages.map(\.message))
    }
}
