public import MailModel
public import Spool

/// A copy that a mailbox is known to have but that was not yet read back and compared.
public struct UnverifiedCopy: Hashable, Sendable {
    /// Its place in the order of arrival and recipients; pass it as `after` to go on behind it.
    public var sequence: Int64
    /// The batch that put it there, to be named in `verified`.
    public var batch: MessageID
    public var location: SpoolLocation
    public var recipient: String
    public var folder: String
    /// 0 where the server named none.
    public var uid: UInt32
    public var uidValidity: UInt32
    /// Octets of what was appended, head lines included.
    public var length: Int
    /// SHA-256 of what was appended, head lines included.
    public var digest: SHA256Digest
    public var deliveredAt: Timestamp
    /// Somebody has looked for it in vain, and it was counted then.
    public var isDoubtful: Bool

    public var id: MessageID { location.id }
}

/// What one mailbox was given and nobody has compared.
public struct UnverifiedMail: Hashable, Sendable {
    public var mailboxID: String
    /// In the order of arrival.
    public var ids: [MessageID]
}
