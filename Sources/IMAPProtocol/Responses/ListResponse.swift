/// A folder that exists (RFC 3501 §7.2.2).
///
///     S: * LIST (\HasNoChildren \Trash) "/" Trash
public struct ListResponse: Hashable, Sendable {
    /// In lower case, with their backslash: `\noselect`, `\trash` (RFC 6154).
    public let attributes: Set<String>
    /// Nil where the names have no hierarchy.
    public let separator: String?
    public let mailbox: MailboxName

    init(parsing cursor: inout ResponseCursor) throws {
        try cursor.expect("(")
        cursor.skipSpaces()
        var attributes: Set<String> = []
        while !cursor.take(")") {
            attributes.insert(String(decoding: try cursor.atom("attribute"), as: UTF8.self).lowercased())
            cursor.skipSpaces()
        }
        self.attributes = attributes
        cursor.skipSpaces()
        separator = try cursor.separator()
        cursor.skipSpaces()
        mailbox = MailboxName(wire: try cursor.astring("mailbox"))
    }
}

extension ResponseCursor {
    /// `"/"` or NIL.
    mutating func separator() throws -> String? {
        guard case .kept(let bytes)? = try optionalString("separator") else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
