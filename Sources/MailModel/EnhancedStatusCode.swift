/// The machine-readable half of an SMTP reply: `4.3.1` (RFC 3463).
public struct EnhancedStatusCode: Hashable, Sendable, CustomStringConvertible {
    public let statusClass: UInt8
    public let subject: UInt16
    public let detail: UInt16

    public init(_ statusClass: UInt8, _ subject: UInt16, _ detail: UInt16) {
        self.statusClass = statusClass
        self.subject = subject
        self.detail = detail
    }

    public var description: String { "\(statusClass).\(subject).\(detail)" }
}
