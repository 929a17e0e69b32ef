/// The storage quota of a mailbox that is nearest to its end.
public struct MailboxQuota: Hashable, Sendable {
    /// Octets; servers count in units of 1024.
    public let used: UInt64
    public let limit: UInt64

    public init(used: UInt64, limit: UInt64) {
        self.used = used
        self.limit = limit
    }

    public var free: UInt64 { limit > used ? limit - used : 0 }
}
