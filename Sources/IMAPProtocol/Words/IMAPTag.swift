/// The word before a command that comes back before its final answer (RFC 3501 §2.2.1).
public struct IMAPTag: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    init(_ text: String) { self.text = text }

    public var description: String { text }
}
