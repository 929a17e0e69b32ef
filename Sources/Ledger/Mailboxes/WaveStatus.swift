public import MailModel

/// A cutover wave and how far it is.
public struct WaveStatus: Hashable, Sendable {
    /// Stands for the mailboxes that are in no wave, wherever a person names one.
    public static let unnamed = "-"

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

    /// The name as a person writes it.
    public var title: String { name.isEmpty ? Self.unnamed : name }

    /// Mailboxes came into it after it was closed, and are not through: `1 mailboxes not cut over, 5 held, 0 parked`; else nil.
    public var leftAfterClosing: String? {
        guard closedAt != nil, cutOver < mailboxes || counts.held + counts.failed > 0 else { return nil }
        return "\(mailboxes - cutOver) mailboxes not cut over, \(counts.held) held, \(counts.failed) parked"
    }
}
