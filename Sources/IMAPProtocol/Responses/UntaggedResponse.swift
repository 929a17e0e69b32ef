/// Data and news that a server sends with a `*` (RFC 3501 §7).
public enum UntaggedResponse: Hashable, Sendable {
    /// `* OK …`, `* NO …`, `* BAD …`: news about nothing in particular, or the greeting.
    case condition(ResponseStatus, ResponseText)
    /// The server is about to close the connection.
    case bye(ResponseText)
    /// A greeting that says somebody is logged in already.
    case preauth(ResponseText)
    case capability(Capabilities)
    case exists(UInt32)
    case recent(UInt32)
    case expunge(UInt32)
    case fetch(FetchResponse)
    case status(FolderStatus)
    case list(ListResponse)
    case namespace(NamespaceResponse)
    case quota(QuotaResponse)
    case quotaRoot(QuotaRootResponse)
    /// The letters of what the user may do with a mailbox: `lrswipkxtea` (RFC 4314 §3.8).
    case myRights(String)
    /// What the server calls itself (RFC 2971); keys in lower case.
    case id([String: String])
    case flags
    /// Anything else; its name in upper case.
    case unknown(String)

    init(parsing cursor: inout ResponseCursor) throws {
        if let next = cursor.next, (0x30...0x39).contains(next) {
            self = try Self.numbered(&cursor)
            return
        }
        let name = try cursor.keyword("response name")
        _ = cursor.take(" ")
        switch name {
        case "OK", "NO", "BAD":
            guard let status = ResponseStatus(rawValue: name) else { throw cursor.failure("status") }
            self = .condition(status, ResponseText(parsing: &cursor))
        case "BYE": self = .bye(ResponseText(parsing: &cursor))
        case "PREAUTH": self = .preauth(ResponseText(parsing: &cursor))
        case "CAPABILITY": self = .capability(Capabilities(parsing: &cursor))
        case "STATUS": self = .status(try FolderStatus(parsing: &cursor))
        case "LIST": self = .list(try ListResponse(parsing: &cursor))
        case "NAMESPACE": self = .namespace(try NamespaceResponse(parsing: &cursor))
        case "QUOTA": self = .quota(try QuotaResponse(parsing: &cursor))
        case "QUOTAROOT": self = .quotaRoot(try QuotaRootResponse(parsing: &cursor))
        case "MYRIGHTS":
            _ = try cursor.astring("mailbox")
            cursor.skipSpaces()
            self = .myRights(String(decoding: try cursor.astring("rights"), as: UTF8.self))
        case "ID": self = .id(try Self.identification(&cursor))
        case "FLAGS": self = .flags
        default: self = .unknown(name)
        }
    }

    private static func numbered(_ cursor: inout ResponseCursor) throws -> UntaggedResponse {
        let number = try cursor.number32("message number")
        try cursor.expect(" ")
        let name = try cursor.keyword("response name")
        switch name {
        case "EXISTS": return .exists(number)
        case "RECENT": return .recent(number)
        case "EXPUNGE": return .expunge(number)
        case "FETCH":
            try cursor.expect(" ")
            return .fetch(try FetchResponse(sequenceNumber: number, parsing: &cursor))
        default: return .unknown(name)
        }
    }

    /// `("NAME" "Zimbra" "VERSION" "10.1")` or `NIL`.
    private static func identification(_ cursor: inout ResponseCursor) throws -> [String: String] {
        guard cursor.take("(") else {
            try cursor.skipValue()
            return [:]
        }
        var fields: [String: String] = [:]
        cursor.skipSpaces()
        while !cursor.take(")") {
            let key = String(decoding: try cursor.astring("field"), as: UTF8.self).lowercased()
            cursor.skipSpaces()
            if case .kept(let value)? = try cursor.optionalString("value") {
                fields[key] = String(decoding: value, as: UTF8.self)
            }
            cursor.skipSpaces()
        }
        return fields
    }
}
