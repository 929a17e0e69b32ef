/// How a command ended (RFC 3501 §7.1).
///
///     S: L7 NO [OVERQUOTA] Quota exceeded
public struct TaggedResponse: Hashable, Sendable {
    public let tag: IMAPTag
    public let status: ResponseStatus
    public let text: ResponseText

    public init(tag: IMAPTag, status: ResponseStatus, text: ResponseText) {
        self.tag = tag
        self.status = status
        self.text = text
    }

    init(parsing cursor: inout ResponseCursor) throws {
        tag = IMAPTag(String(decoding: try cursor.atom("tag"), as: UTF8.self))
        try cursor.expect(" ")
        guard let status = ResponseStatus(rawValue: try cursor.keyword("OK, NO or BAD")) else {
            throw cursor.failure("OK, NO or BAD")
        }
        self.status = status
        _ = cursor.take(" ")
        text = ResponseText(parsing: &cursor)
    }
}
