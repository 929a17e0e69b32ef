/// Where a user's own folders begin (RFC 2342 §5). Other users' and shared ones are of no use here and are stepped over.
///
///     S: * NAMESPACE (("" "/")) (("/home/" "/")) NIL
public struct NamespaceResponse: Hashable, Sendable {
    /// The prefix of the first personal namespace; nil when there is none.
    public let prefix: String?
    public let separator: String?

    init(parsing cursor: inout ResponseCursor) throws {
        guard cursor.take("("), cursor.take("(") else {
            prefix = nil
            separator = nil
            return
        }
        prefix = String(decoding: try cursor.astring("prefix"), as: UTF8.self)
        cursor.skipSpaces()
        separator = try cursor.separator()
    }
}
