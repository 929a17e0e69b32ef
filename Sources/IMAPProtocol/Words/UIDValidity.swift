/// Changes when a mailbox's UIDs lose their meaning (RFC 3501 §2.3.1.1). Zimbra gives 1 to every INBOX, also to a re-created one.
public struct UIDValidity: Hashable, Sendable {
    public let number: UInt32

    public init(_ number: UInt32) { self.number = number }
}

extension UIDValidity: CustomStringConvertible {
    public var description: String { String(number) }
}
