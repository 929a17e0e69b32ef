/// A response that is not IMAP. The connection cannot be used any further.
public struct IMAPParseError: Error, Hashable, Sendable {
    /// What was expected, as a noun of the grammar: `tag`, `fetch item`.
    public let expected: String
    /// Octets from the start of the response's text.
    public let position: Int
}
