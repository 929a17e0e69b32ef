public import MailModel

/// What a mailbox gave back of one message.
public struct MailboxDigest: Hashable, Sendable {
    /// RFC822.SIZE, if the server said it.
    public let size: Int?
    /// Octets that came. Differs from `size` only on a server that is wrong about one of them.
    public let octets: Int
    public let digest: SHA256Digest
    /// The first `X-Layover-Id` in the first 4 KiB, if it is an id.
    public let id: MessageID?

    public init(size: Int?, octets: Int, digest: SHA256Digest, id: MessageID?) {
        self.size = size
        self.octets = octets
        self.digest = digest
        self.id = id
    }
}
