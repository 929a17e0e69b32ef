public import Spool

/// What giving an address to a mailbox, or taking it back, does to the mail that waits.
public struct Assignment: Sendable {
    /// Held messages whose mailbox changes by it.
    public var held: Int
    /// The mailboxes that they would have gone to; none where they had no mailbox.
    public var losing: [MailboxStatus]
    /// What is to be journaled behind it, together with it: see ``Ledger/actsAfterRestore(of:now:)``.
    public var afterRestore: [JournalAct]
}
