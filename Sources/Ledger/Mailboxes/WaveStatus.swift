public import MailModel

/// A cutover wave and how far it is.
public struct WaveStatus: Hashable, Sendable {
    public var name: String
    /// Nil while it is open.
    public var closedAt: Timestamp?
    public var mailboxes: Int
    /// Mailboxes that are cut over.
    public var cutOver: Int
    public var counts: DeliveryCounts
}
