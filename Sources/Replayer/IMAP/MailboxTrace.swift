public import MailModel

/// What a mailbox says of one message without giving it out.
public struct MailboxTrace: Hashable, Sendable {
    /// RFC822.SIZE. Nil where the server left it out: Zimbra does when the message is gone.
    public let size: Int?
    /// The first `X-Layover-Id`, if the message has one and it is an id.
    public let id: MessageID?
    /// The server has given the header lines, if only to say that there are none. Zimbra leaves them out when it fails on the message,
    /// with or without its size: then nothing is known of the id.
    public let hasHeader: Bool

    public init(size: Int?, id: MessageID?, hasHeader: Bool = true) {
        self.size = size
        self.id = id
        self.hasHeader = hasHeader
    }

    /// It is a message, and what its id is can be known. Zimbra's answer for one that is gone has size 0, or no size.
    public var isTold: Bool { hasHeader && (size ?? 0) > 0 }
}
