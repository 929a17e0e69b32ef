/// Where a user's own folders begin, and where those of others do (RFC 2342 §5).
///
///     S: * NAMESPACE (("" "/")) (("Other Users/" "/")) (("Shared Folders/" "/"))
///     S: * NAMESPACE (("INBOX." ".")) NIL (("#shared." ".")("shared." "."))
public struct NamespaceResponse: Hashable, Sendable {
    /// The prefix of the first personal namespace; nil when there is none.
    public let prefix: String?
    public let separator: String?
    /// The prefixes of other users' and of shared folders.
    public let foreignPrefixes: [String]

    init(parsing cursor: inout ResponseCursor) throws {
        let own = try Self.namespaces(&cursor)
        let others = try Self.namespaces(&cursor)
        let shared = try Self.namespaces(&cursor)
        prefix = own.first?.prefix
        separator = own.first?.separator
        foreignPrefixes = (own.dropFirst() + others + shared).map(\.prefix).filter { !$0.isEmpty }
    }

    /// A name as the roster has it, with `/` between levels, as the server wants it.
    ///
    /// A name that the server itself gave comes back as it is, so it may be asked of every name.
    public func place(_ name: MailboxName) -> MailboxName {
        guard name != .inbox, let prefix, let separator, !separator.isEmpty else { return name }
        let text = name.wireText
        let hasPrefix = !prefix.isEmpty && Self.begins(text, prefix)
        guard !hasPrefix, !foreignPrefixes.contains(where: { Self.begins(text, $0) }) else { return name }
        let levels = separator == "/" ? text : text.replacing("/", with: separator)
        return MailboxName(wire: Array(((Self.begins(levels, prefix) ? "" : prefix) + levels).utf8))
    }

    /// INBOX is the same in any case (RFC 3501 §5.1), and so is what stands below it.
    private static func begins(_ text: String, _ prefix: String) -> Bool {
        text.hasPrefix(prefix)
            || prefix.uppercased().hasPrefix("INBOX") && text.uppercased().hasPrefix(prefix.uppercased())
    }

    /// `NIL`, or a list of `("prefix" "separator" extensions…)`.
    private static func namespaces(_ cursor: inout ResponseCursor) throws -> [(prefix: String, separator: String?)] {
        cursor.skipSpaces()
        guard !cursor.isAtEnd else { return [] }
        guard cursor.take("(") else {
            _ = cursor.run { $0 != UInt8(ascii: " ") }
            return []
        }
        var found: [(prefix: String, separator: String?)] = []
        while cursor.take("(") {
            let prefix = String(decoding: try cursor.astring("prefix"), as: UTF8.self)
            cursor.skipSpaces()
            found.append((prefix, try cursor.separator()))
            cursor.skipSpaces()
            while !cursor.take(")") {
                try cursor.skipValue()
                cursor.skipSpaces()
            }
            cursor.skipSpaces()
        }
        try cursor.expect(")")
        return found
    }
}
