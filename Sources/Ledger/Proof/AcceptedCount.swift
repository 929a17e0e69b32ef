import MailModel
import Spool

/// Counts recipients from the segments themselves, without the Ledger.
enum AcceptedCount {
    /// The recipients of all messages before `end`. Streams; takes as long as reading the segments' records does.
    static func count(_ source: any LedgerSource, before end: SpoolPosition) throws -> Int {
        var (count, position) = (0, SpoolPosition.start)
        while position < end {
            let page = try source.messages(
                from: position, end: end, limit: LedgerLimits.messagesPerTransaction, withHeaderPrefix: false)
            for message in page.messages { count += message.envelope.recipients.count }
            guard page.next != position else { break }
            position = page.next
        }
        return count
    }
}
