/// What follows a status: a code for programs, if there is one, and words for people (RFC 3501 §7.1).
///
///     S: L7 NO [OVERQUOTA] Quota exceeded
public struct ResponseText: Hashable, Sendable {
    public let code: ResponseCode?
    /// Without the code. Control characters are shown as `?`, so that it may be printed.
    public let words: String

    public init(code: ResponseCode? = nil, words: String) {
        self.code = code
        self.words = words
    }

    /// Never fails: a code that is not well-formed is `.other`, one without an end is words.
    init(parsing cursor: inout ResponseCursor) {
        code = ResponseCode(parsing: &cursor)
        if code != nil { cursor.skipSpaces() }
        words = cursor.remainingText()
    }
}
