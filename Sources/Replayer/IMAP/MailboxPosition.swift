public import IMAPProtocol

/// Where a mailbox stands. UIDNEXT rises if and only if messages were added (RFC 3501 §2.3.1.1).
public struct MailboxPosition: Hashable, Sendable {
    public let uidValidity: UIDValidity
    public let uidNext: UID
    public let messages: UInt64

    public init(uidValidity: UIDValidity, uidNext: UID, messages: UInt64) {
        self.uidValidity = uidValidity
        self.uidNext = uidNext
        self.messages = messages
    }
}
