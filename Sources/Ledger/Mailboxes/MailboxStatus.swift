public import MailModel

/// A mailbox of the roster with what is known of its mail.
public struct MailboxStatus: Hashable, Sendable {
    public var mailbox: RosterMailbox
    /// When its held mail may go; nil while it holds.
    public var cutoverAt: Timestamp?
    public var isPaused: Bool
    public var counts: DeliveryCounts
    /// Batches of which nobody knows yet whether the mailbox has them.
    public var openIntents: Int
    /// The mailbox's number in this Ledger.
    var key: Int64
    /// Why somebody must look what the mailbox holds before anything may go into it; nil where nobody need.
    public var reconcileCause: ReconcileCause?

    /// The spool was brought back, and nobody has looked yet what the mailbox holds: nothing may go into it.
    public var isUnreconciled: Bool { reconcileCause != nil }

    /// Why nothing can go into it now; nil where nothing is known to be wrong.
    public var block: MailboxBlock?
    /// The number of the last act by which a person wanted it tried at once; 0 for none.
    public var lastRetry: Int64 = 0

    /// `to be reconciled, 12 held`, `holding`, `holding until …`, `replaying, 12 left`, `live`, `paused` or `paused, 12 left`.
    public func state(now: Timestamp) -> String {
        if isUnreconciled { return "to be reconciled, \(counts.held) held" }
        if isPaused { return counts.held > 0 ? "paused, \(counts.held) left" : "paused" }
        guard let cutoverAt else { return "holding" }
        guard cutoverAt <= now else { return "holding until \(cutoverAt.rfc3339)" }
        return counts.held > 0 ? "replaying, \(counts.held) left" : "live"
    }

    /// Whether replay has something to do here now: held mail, an open intent, or a copy that was not compared yet.
    public func isDue(now: Timestamp) -> Bool {
        mayReplay(now: now) && (counts.held > 0 || openIntents > 0 || counts[.delivered] > 0)
    }

    /// Whether replay may go into it now: it is cut over, and neither paused nor still to be reconciled.
    public func mayReplay(now: Timestamp) -> Bool {
        guard let cutoverAt, cutoverAt <= now else { return false }
        return !isPaused && !isUnreconciled
    }
}
