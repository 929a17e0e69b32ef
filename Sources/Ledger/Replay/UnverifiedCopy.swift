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
    /// Where its intent says that it went, whatever the roster says now.
    public var target: String
    public var login: String
    public var folder: String
    /// 0 where the server named none.
    public var uid: UInt32
    public var uidValidity: UInt32
    /// Octets of what was appended, head lines included.
    public var length: Int
    /// SHA-256 of what was appended, head lines included.
    public var digest: SHA256Digest
    public var deliveredAt: Timestamp
    /// Why it was marked as doubtful; nil where it is not.
    public var doubt: String?
    /// Its whole account was looked through, and has no copy.
    public var isMissing: Bool

    public var id: MessageID { location.id }
}
