public import Ledger
public import MailModel

/// What a replay is asked to deliver.
public struct ReplaySelection: Sendable {
    public var mailboxes: MailboxSelection
    /// Empty: everything that is held for them.
    public var messages: Set<MessageID>

    public init(mailboxes: MailboxSelection = .all, messages: Set<MessageID> = []) {
        self.mailboxes = mailboxes
        self.messages = messages
    }
}

/// How a replay ended.
public struct ReplayReport: Sendable {
    /// A mailbox that could not be finished, and why.
    public struct Problem: Sendable {
        public var mailbox: RosterMailbox
        public var error: ReplayError
        /// When it is tried again, where a follower does so.
        public var retryAt: Timestamp?
    }

    public var counts: ReplayProgress.Counts
    public var problems: [Problem]
    /// Deliveries of the selected, cut-over mailboxes that are still held.
    public var held: Int
    /// Deliveries of theirs that are parked.
    public var failed: Int
    /// Selected mailboxes into which nothing goes before they are looked into: the spool was brought back.
    public var unreconciled: [RosterMailbox]
    /// Messages that went again after a NO, and for whose second copies nobody has looked: the replay was told to end.
    public var notLookedFor: Int
}
