public import MailModel

/// A message of a segment, with all that decides whether its bytes may go.
public struct ReclaimCandidate: Sendable {
    public var id: MessageID
    /// Its place among all messages that the segment ever held, from 0.
    public var ordinal: Int
    public var recordLength: Int
    /// Octets of the message.
    public var length: Int
    public var isLarge: Bool
    public var subject: String?
    public var messageID: String?
    /// Given back already, or about to be: the journal says so.
    public var isReclaimed: Bool
    /// Why its bytes must stay; nil where they may go.
    public var obstacle: ReclaimObstacle?
    /// The verified copies that are all there is of it once its bytes are gone.
    public var copies: [PlacedCopy]
}

/// A copy that a mailbox has given back and that was right.
public struct PlacedCopy: Hashable, Sendable {
    public var id: MessageID
    /// The mailbox's primary address.
    public var address: String
    public var target: String
    public var login: String
    public var folder: String
    /// 0 where the server named none.
    public var uid: UInt32
    public var uidValidity: UInt32
}

/// Why the bytes of a message must stay.
public enum ReclaimObstacle: Hashable, Sendable {
    /// Held, being appended, or parked.
    case owed
    /// Delivered, and not read back yet.
    case unverified
    /// It went to no mailbox of the roster.
    case noMailbox
    /// The wave of a mailbox that has it is not closed; empty for the mailboxes in none.
    case openWave(String)
    /// It may go from then on.
    case retained(until: Timestamp)

    public var text: String {
        switch self {
        case .owed: "still held or parked"
        case .unverified: "not verified yet"
        case .noMailbox: "for no mailbox of the roster"
        case .openWave(""): "of mailboxes in no wave (`layover wave close -` closes them)"
        case .openWave(let name): "of wave \(name), which is open"
        case .retained(let time): "kept until \(time.rfc3339)"
        }
    }
}

/// When bytes may go.
public struct ReclaimRules: Hashable, Sendable {
    public var now: Timestamp
    /// In milliseconds, from the closing of the wave, the verification or the drop, whichever came last.
    public var retentionMilliseconds: Int64

    public init(now: Timestamp, retentionMilliseconds: Int64) {
        self.now = now
        self.retentionMilliseconds = retentionMilliseconds
    }
}
