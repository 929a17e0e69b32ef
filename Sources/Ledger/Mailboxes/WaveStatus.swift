public import MailModel

/// A cutover wave and how far it is.
public struct WaveStatus: Hashable, Sendable {
    public var name: String
    /// Nil while it is open.
    public var closedAt: Timestamp?
    /// Who closed it, and why; empty while it is open, or where no reason was given.
    public var closedBy = ""
    public var why = ""
    public var mailboxes: Int
    /// Mailboxes that are cut over.
    public var cutOver: Int
    /// Mailboxes whose cutover is still to come, at a time that was set.
    public var scheduled: Int
    public var counts: DeliveryCounts
}
