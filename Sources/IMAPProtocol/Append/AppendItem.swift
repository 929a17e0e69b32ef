public import MailModel

/// One message of an APPEND, as far as the dialogue needs to know it.
public struct AppendItem: Hashable, Sendable {
    /// Octets, at least 1.
    public let size: Int
    /// The INTERNALDATE. Always sent: without it Zimbra believes a header of the message.
    public let date: Timestamp

    public init(size: Int, date: Timestamp) {
        self.size = size
        self.date = date
    }
}
