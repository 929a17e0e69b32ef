public import MailModel
public import Spool

/// One delivery as `audit` shows it. Nil where it is not known, or not yet.
public struct AuditRow: Hashable, Sendable {
    public var id: MessageID
    public var recipient: String
    /// The primary address of the mailbox decided on, or that the recipient means now.
    public var mailbox: String?
    public var state: DeliveryState
    public var sender: String
    public var subject: String?
    public var messageID: String?
    /// Octets as stored.
    public var size: Int
    public var receivedAt: Timestamp
    public var client: String
    public var helo: String
    public var tls: String?
    /// Of the octets as stored.
    public var sha256: SHA256Digest
    public var attempts: Int
    public var lastError: String?
    public var uid: UInt32?
    public var uidValidity: UInt32?
    public var deliveredAt: Timestamp?
    public var verifiedAt: Timestamp?
    /// Once verified: `exact`, or `normalised: ` and what the server has changed.
    public var finding: String?
    public var isDoubtful: Bool
    /// When the bytes were given back; nil while they are in the spool. Not among the fields of the fixed formats.
    public var reclaimedAt: Timestamp?
    /// Where the bytes are, for `export`; where they were, once they were given back.
    public var location: SpoolLocation
}
