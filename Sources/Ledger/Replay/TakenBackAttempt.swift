public import MailModel

/// An attempt that ended without a delivery as far as is known, with the messages that were taken back.
public struct TakenBackAttempt: Hashable, Sendable {
    public var mailboxID: String
    public var target: String
    public var login: String
    public var folder: String
    /// When its intent was journaled: before the commit token went out.
    public var began: Timestamp
    /// When it was taken back: at the server's NO, or after its time to settle.
    public var at: Timestamp
    public var ids: [MessageID]
}
