/// The whole of the Ledger in numbers.
public struct LedgerStatus: Sendable {
    public var progress: LedgerProgress
    public var messages: Int
    public var counts: DeliveryCounts
    /// The part of `counts` whose recipients mean no mailbox.
    public var withoutMailbox: DeliveryCounts
    public var mailboxes: Int
    public var cutOver: Int
    public var paused: Int
    /// Mailboxes that replay has something to do for now.
    public var due: Int
    /// Held deliveries of cut-over mailboxes, paused ones too: what exit code 75 is about.
    public var heldAfterCutover: Int
    public var openIntents: Int
}
