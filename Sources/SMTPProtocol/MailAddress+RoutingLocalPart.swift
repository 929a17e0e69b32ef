public import MailModel

extension MailAddress {
    /// The local part, read without its quotes, holds `@`, `%` or `!`: `user%there@here`, `"user@there"@here`,
    /// `there!user@here`. Some systems forward such mail to `there`, so a server that stands in for another takes it only
    /// where exactly this mailbox exists (see Postfix's `resolve_dequoted_address`).
    public var hasRoutingLocalPart: Bool {
        localPart.utf8.contains { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "!") }
    }
}
