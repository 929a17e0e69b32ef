public import MailModel

/// What is about to be appended to one mailbox, written before the server can commit it.
///
/// After a crash the intent answers "which messages may be in that mailbox, and how would they look?".
public struct AppendIntent: Hashable, Sendable {
    /// One message of the batch.
    public struct Entry: Hashable, Sendable {
        public var id: MessageID
        /// The recipient named in `Delivered-To:`.
        public var recipient: String
        /// Other recipients of the message that mean the same mailbox: they get no copy of their own.
        public var merged: [String]
        /// The head lines put before the stored bytes, with their CRLFs.
        public var head: [UInt8]
        /// Octets of head and stored bytes together: the literal's length.
        public var length: Int
        /// SHA-256 of head and stored bytes together.
        public var digest: SHA256Digest

        public init(
            id: MessageID, recipient: String, merged: [String], head: [UInt8], length: Int, digest: SHA256Digest
        ) {
            self.id = id
            self.recipient = recipient
            self.merged = merged
            self.head = head
            self.length = length
            self.digest = digest
        }
    }

    /// Names the batch in the acts that follow.
    public var batch: MessageID
    public var mailboxID: String
    public var target: String
    public var login: String
    public var folder: String
    /// UIDVALIDITY and UIDNEXT of the folder before the APPEND: a copy, if there is one, has a UID from `uidNext` on.
    public var uidValidity: UInt32
    public var uidNext: UInt32
    public var entries: [Entry]

    public init(
        batch: MessageID, mailboxID: String, target: String, login: String, folder: String, uidValidity: UInt32,
        uidNext: UInt32, entries: [Entry]
    ) {
        self.batch = batch
        self.mailboxID = mailboxID
        self.target = target
        self.login = login
        self.folder = folder
        self.uidValidity = uidValidity
        self.uidNext = uidNext
        self.entries = entries
    }
}

extension AppendIntent {
    /// Whether the batch went into this account. The roster may have changed since.
    public func went(to target: String, _ login: String) -> Bool { (self.target, self.login) == (target, login) }
}
