public import MailModel

/// Why nothing can go into a mailbox now. The messages themselves are held, as they were.
public struct MailboxBlock: Hashable, Sendable {
    /// `over-quota`, `credentials`, `unavailable`…
    public var errorClass: String
    /// What is wrong and what to do, with the server's words.
    public var text: String
    public var since: Timestamp
}
