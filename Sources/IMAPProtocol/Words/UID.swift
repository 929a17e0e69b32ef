/// The number of a message in its mailbox, never 0 (RFC 3501 §2.3.1.1). Says nothing without the mailbox's `UIDValidity`.
public struct UID: Hashable, Sendable, Comparable {
    public let number: UInt32

    /// Nil for 0.
    public init?(_ number: UInt32) {
        guard number > 0 else { return nil }
        self.number = number
    }

    init(checked number: UInt32) { self.number = number }

    public static func < (left: UID, right: UID) -> Bool { left.number < right.number }
}

extension UID: CustomStringConvertible {
    public var description: String { String(number) }
}
