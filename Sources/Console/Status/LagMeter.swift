import MailModel
import Spool

/// Tells for how long the end of the spool has been unread, from how far it reached at earlier moments.
///
/// Coarse on purpose: it knows only the moments at which it was asked.
struct LagMeter: Sendable {
    private var unread: [(end: SpoolPosition, seenAt: Timestamp)] = []

    /// - Parameters:
    ///   - end: how far the spool reaches now.
    ///   - read: how far the Ledger has read.
    /// - Returns: seconds since the oldest end was seen that is not read yet; 0 when all is.
    mutating func lagSeconds(end: SpoolPosition, read: SpoolPosition, now: Timestamp) -> Int {
        unread.removeAll { $0.end <= read }
        guard end > read else { return 0 }
        if unread.last?.end != end, unread.count < ConsoleLimits.lagSamples { unread.append((end, now)) }
        guard let oldest = unread.first else { return 0 }
        // The clock may be set back meanwhile.
        return max(0, Int(clamping: (now.milliseconds &- oldest.seenAt.milliseconds) / 1000))
    }
}
