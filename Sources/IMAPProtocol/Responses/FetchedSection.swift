/// One `BODY[…]` of a FETCH (RFC 3501 §7.4.2).
public struct FetchedSection: Hashable, Sendable {
    /// What stood between the brackets, in upper case: empty for the whole message, `HEADER.FIELDS (X-LAYOVER-ID)`.
    public let name: String
    /// Nil for NIL.
    public let content: IMAPLiteral?

    public init(name: String, content: IMAPLiteral?) {
        self.name = name
        self.content = content
    }
}
