public import MailModel

/// A copy that a mailbox has been given, and where it was put.
public struct LiveCopy: Hashable, Sendable {
    public var id: MessageID
    public var target: String
    public var login: String
    public var folder: String
    /// 0 where the server named none.
    public var uid: UInt32
    public var uidValidity: UInt32
    /// SHA-256 of what was appended, head lines included.
    public var digest: SHA256Digest
}
