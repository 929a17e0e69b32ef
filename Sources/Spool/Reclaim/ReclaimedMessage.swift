public import MailModel

/// What is kept of a message whose bytes were given back: everything that the Ledger says of it.
public struct ReclaimedMessage: Hashable, Sendable {
    /// Its place among all messages that the segment ever held, from 0: so that the order of arrival outlives the bytes.
    public var ordinal: Int
    /// Where its record stood in the segment last, and how long it was.
    public var offset: Int
    public var recordLength: Int
    public var envelope: Envelope
    /// Octets of the message as stored.
    public var length: Int
    /// SHA-256 of those octets.
    public var digest: SHA256Digest
    /// The octets lay in `large/<id>`.
    public var isLarge: Bool
    public var subject: String?
    public var messageID: String?

    public var id: MessageID { envelope.id }

    public init(
        ordinal: Int, offset: Int, recordLength: Int, envelope: Envelope, length: Int, digest: SHA256Digest,
        isLarge: Bool, subject: String?, messageID: String?
    ) {
        self.ordinal = ordinal
        self.offset = offset
        self.recordLength = recordLength
        self.envelope = envelope
        self.length = length
        self.digest = digest
        self.isLarge = isLarge
        self.subject = subject
        self.messageID = messageID
    }
}

/// A message that was kept when its segment was written anew, and where its record stands now.
public struct KeptMessage: Hashable, Sendable {
    public var id: MessageID
    public var offset: Int
    public var recordLength: Int

    public init(id: MessageID, offset: Int, recordLength: Int) {
        self.id = id
        self.offset = offset
        self.recordLength = recordLength
    }
}
