/// Which quotas a mailbox counts against (RFC 9208 §5.2).
///
///     S: * QUOTAROOT INBOX "User quota"
public struct QuotaRootResponse: Hashable, Sendable {
    public let mailbox: MailboxName
    public let roots: [String]

    init(parsing cursor: inout ResponseCursor) throws {
        mailbox = MailboxName(wire: try cursor.astring("mailbox"))
        var roots: [String] = []
        cursor.skipSpaces()
        while !cursor.isAtEnd {
            roots.append(String(decoding: try cursor.astring("quota root"), as: UTF8.self))
            cursor.skipSpaces()
        }
        self.roots = roots
    }
}
