public import MailModel
public import Spool

/// A held message for one mailbox: what its next APPEND puts there, or why it needs none.
public struct HeldMessage: Hashable, Sendable {
    /// Its number in the order of arrival; pass it as `after` to go on behind it.
    public var sequence: Int64
    public var location: SpoolLocation
    /// Octets stored, without the head lines.
    public var length: Int
    public var isLarge: Bool
    /// SHA-256 of the stored octets.
    public var digest: SHA256Digest
    public var receivedAt: Timestamp
    /// Empty for the null sender.
    public var sender: String
    /// The recipient to name in `Delivered-To:`.
    public var recipient: String
    /// The message's other held recipients that mean this mailbox.
    public var merged: [String]
    /// The mailbox has this message by another address already: journal `merged` for `recipient` and `merged`, append
    /// nothing.
    public var isAlreadyThere: Bool
    /// How often an APPEND of it was begun.
    public var attempts: Int
    public var isDoubtful: Bool
    /// A gateway whose word counts has called it junk.
    public var isJunk: Bool

    public var id: MessageID { location.id }
}
