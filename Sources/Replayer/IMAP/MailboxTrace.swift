public import MailModel

/// What a mailbox says of one message without giving it out.
public struct MailboxTrace: Hashable, Sendable {
    /// RFC822.SIZE. Nil, like the id, where the server left it out: Zimbra does when the message fails or is gone.
    public let size: Int?
    /// The first `X-Layover-Id`, if the message has one and it is an id.
    public let id: MessageID?

    public init(size: Int?, id: MessageID?) {
        self.size = size
        self.id = id
    }
}
