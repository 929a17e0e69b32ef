public import MailModel

/// One row of a roster file. Nil where the file has no such column: then an import leaves what the mailbox has.
public struct RosterRow: Hashable, Sendable {
    /// Where the row begins, counted from 1.
    public var line: Int
    public var id: String?
    /// The primary address, in lower case in its domain.
    public var address: String
    public var login: String
    public var target: String
    public var wave: String?
    public var aliases: [String]?
    public var kind: RosterMailbox.Kind?
    public var folder: String?

    /// Every address that the row itself claims.
    public var addresses: [String] { [address] + (aliases ?? []) }

    /// The same in lower case.
    var keys: [String] { addresses.map(\.asciiLowercased) }
}
