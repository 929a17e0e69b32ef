public import MailModel

/// Copies of ours that were found in a folder of a mailbox by their ids, and that the journal knew nothing of.
///
/// It stands for the intent, the delivery and the comparison that a restored journal has lost.
public struct Adoption: Hashable, Sendable {
    /// One message that was found.
    public struct Copy: Hashable, Sendable {
        public var id: MessageID
        /// The recipient whose copy it is.
        public var recipient: String
        /// Other recipients of the message that mean the same mailbox.
        public var merged: [String]
        /// Octets of what was, or would have been, appended.
        public var length: Int
        /// SHA-256 of what was, or would have been, appended.
        public var digest: SHA256Digest
        public var uid: UInt32
        /// The mailbox gave back exactly that. Else the copy has its id and is something else.
        public var isExact: Bool

        public init(
            id: MessageID, recipient: String, merged: [String], length: Int, digest: SHA256Digest, uid: UInt32,
            isExact: Bool
        ) {
            self.id = id
            self.recipient = recipient
            self.merged = merged
            self.length = length
            self.digest = digest
            self.uid = uid
            self.isExact = isExact
        }
    }

    /// Names the group in the acts that follow.
    public var batch: MessageID
    public var mailboxID: String
    public var target: String
    public var login: String
    /// Where the copies were found, wherever they had been put.
    public var folder: String
    public var uidValidity: UInt32
    public var copies: [Copy]

    public init(
        batch: MessageID, mailboxID: String, target: String, login: String, folder: String, uidValidity: UInt32,
        copies: [Copy]
    ) {
        self.batch = batch
        self.mailboxID = mailboxID
        self.target = target
        self.login = login
        self.folder = folder
        self.uidValidity = uidValidity
        self.copies = copies
    }
}
