import Ledger
import MailModel

/// The oldest held message of all mailboxes, found without asking every mailbox each time.
///
/// New mail goes behind what is held, so a mailbox is asked again only when it held nothing or mail has left it.
struct OldestHeldMail: Sendable {
    private struct Known {
        /// Deliveries that are no longer held: one more of them may have been the oldest.
        var left: Int
        var receivedAt: Timestamp
    }

    /// Mailboxes asked in one reading: at a start with thousands of them, the answer comes some readings later.
    private static let mailboxesAsked = 500
    private var known: [String: Known] = [:]

    /// Nil when nothing is held, or not every mailbox was asked yet. Mail without a mailbox does not count.
    mutating func receivedAt(_ mailboxes: [MailboxStatus], in ledger: Ledger) throws -> Timestamp? {
        var (kept, asked, isComplete): ([String: Known], Int, Bool) = ([:], 0, true)
        for mailbox in mailboxes where mailbox.counts.held > 0 {
            let (id, left) = (mailbox.mailbox.id, mailbox.counts.total - mailbox.counts.held)
            if let before = known[id], before.left == left {
                kept[id] = before
            } else if asked < Self.mailboxesAsked {
                asked += 1
                guard let first = try ledger.heldMail(mailboxID: id, limit: 1).first else { continue }
                kept[id] = Known(left: left, receivedAt: first.receivedAt)
            } else {
                isComplete = false
            }
        }
        known = kept
        return isComplete ? kept.values.map(\.receivedAt).min() : nil
    }
}
