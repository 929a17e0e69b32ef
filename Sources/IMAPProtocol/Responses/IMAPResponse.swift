/// One complete answer of a server (RFC 3501 §7).
///
///     S: L1 OK LOGIN completed            tagged: a command is over
///     S: * 18 EXISTS                      untagged: data
///     S: + send literal data              continuation: go on
public enum IMAPResponse: Hashable, Sendable {
    case tagged(TaggedResponse)
    case untagged(UntaggedResponse)
    case continuation(ResponseText)

    /// Parses the text of a response in which `{n}` CRLF stands for each literal. Throws `IMAPParseError` or an `IMAPLimitError`.
    init(text: [UInt8], literals: [IMAPLiteral], limits: IMAPLimits) throws {
        var cursor = ResponseCursor(text: text, literals: literals, limits: limits)
        if text.contains(0) { throw cursor.failure("a response without NUL") }
        if cursor.take("+") {
            _ = cursor.take(" ")
            self = .continuation(ResponseText(parsing: &cursor))
        } else if cursor.take("*") {
            try cursor.expect(" ")
            self = .untagged(try UntaggedResponse(parsing: &cursor))
        } else {
            self = .tagged(try TaggedResponse(parsing: &cursor))
        }
    }
}
