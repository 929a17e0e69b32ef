public import MailModel

/// What looking into the mailboxes of a restored spool has shown.
public struct ReconcileReport: Sendable {
    /// A mailbox that was looked through; its held mail may go.
    public struct Finding: Sendable {
        public var mailbox: RosterMailbox
        /// Messages looked at, in all folders.
        public var messages: Int
        /// Copies of which the journal knew nothing and that count as delivered now.
        public var adopted: Int
        /// Messages that a person should look at: two copies, or one that is not what was appended.
        public var doubtful: Int
        /// Messages with an id of ours that this spool does not have, and the first of those ids.
        public var unknown: Int
        public var unknownIDs: [MessageID]
        /// Deliveries that are still held.
        public var held: Int
        /// Folders that could not be looked into, or not wholly, and that the caller leaves out.
        public var closedFolders: [String]
    }

    public var findings: [Finding]
    /// Mailboxes that could not be looked into, and why. They stay as they are.
    public var problems: [ReplayReport.Problem]
}
