/// How much of a quota is used (RFC 9208 §5.1). STORAGE counts units of 1024 octets.
///
///     S: * QUOTA "" (STORAGE 10 512)
public struct QuotaResponse: Hashable, Sendable {
    public struct Resource: Hashable, Sendable {
        public let used: UInt64
        public let limit: UInt64
    }

    public let root: String
    /// By resource name in upper case: `STORAGE`, `MESSAGE`.
    public let resources: [String: Resource]

    init(parsing cursor: inout ResponseCursor) throws {
        root = String(decoding: try cursor.astring("quota root"), as: UTF8.self)
        cursor.skipSpaces()
        // Courier says of a mailbox without quota `* QUOTA "ROOT"`, with no list.
        guard !cursor.isAtEnd else {
            resources = [:]
            return
        }
        try cursor.expect("(")
        cursor.skipSpaces()
        var resources: [String: Resource] = [:]
        while !cursor.take(")") {
            let name = try cursor.keyword("resource")
            cursor.skipSpaces()
            let used = try cursor.number("usage")
            cursor.skipSpaces()
            resources[name] = Resource(used: used, limit: try cursor.number("limit"))
            cursor.skipSpaces()
        }
        self.resources = resources
    }
}
