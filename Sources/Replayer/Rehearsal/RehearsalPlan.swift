public import MailModel

/// What a rehearsal is to do.
public struct RehearsalPlan: Sendable {
    /// The shadow folder.
    public var folder: String
    /// One account that all copies go to instead of the mailboxes' own; nil for these.
    public var account: String?
    /// Limits for each mailbox.
    public var messages: Int
    public var bytes: ByteCount
    /// For the journal; may be empty.
    public var why: String

    public init(
        folder: String, account: String? = nil, messages: Int = RehearsalLimits.messages,
        bytes: ByteCount = RehearsalLimits.bytes, why: String = ""
    ) {
        self.folder = folder
        self.account = account
        self.messages = messages
        self.bytes = bytes
        self.why = why
    }
}
