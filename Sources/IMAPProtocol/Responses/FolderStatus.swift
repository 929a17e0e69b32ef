/// Numbers about a mailbox that is not selected (RFC 3501 §7.2.4).
///
///     S: * STATUS "INBOX" (MESSAGES 231 UIDNEXT 44292 UIDVALIDITY 1)
public struct FolderStatus: Hashable, Sendable {
    public let mailbox: MailboxName
    public private(set) var messages: UInt64?
    public private(set) var uidNext: UID?
    public private(set) var uidValidity: UIDValidity?
    /// The largest message that the mailbox takes (RFC 7889 §2.2); nil where it was not asked, or there is no limit.
    public private(set) var appendLimit: UInt64?

    init(parsing cursor: inout ResponseCursor) throws {
        mailbox = MailboxName(wire: try cursor.astring("mailbox"))
        cursor.skipSpaces()
        try cursor.expect("(")
        cursor.skipSpaces()
        while !cursor.take(")") {
            let name = try cursor.keyword("status item")
            try cursor.expect(" ")
            switch name {
            case "MESSAGES": messages = try cursor.number("messages")
            case "UIDNEXT": uidNext = try cursor.uid()
            case "APPENDLIMIT":
                if let next = cursor.next, (0x30...0x39).contains(next) {
                    appendLimit = try cursor.number("appendlimit")
                } else {
                    try cursor.skipValue()
                }
            case "UIDVALIDITY": uidValidity = UIDValidity(try cursor.number32("uidvalidity"))
            default: try cursor.skipValue()
            }
            cursor.skipSpaces()
        }
    }
}
