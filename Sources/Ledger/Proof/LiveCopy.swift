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
    /// The server is known to have changed it: its digest is another.
    public var isNormalised = false
    /// The batch that put it there, to be named in `verified`.
    public var batch: MessageID
    /// It was compared, or a person takes it for good unseen.
    public var isSettled = false
    /// There may be a second copy.
    public var isDoubtful = false
    /// Doubtful, and there was an attempt into another account, where the second copy may be.
    public var hasAttemptsElsewhere = false
}
