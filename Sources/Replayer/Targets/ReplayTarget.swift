import IMAPProtocol
public import MailModel
import NIOCore

/// A system that held mail is put into.
public struct ReplayTarget: Sendable {
    /// What the server is; `auto` asks it (ID, greeting).
    public enum Kind: String, Sendable {
        case dovecot, zimbra, cyrus, courier, auto
    }

    public let name: String
    public let endpoint: IMAPEndpoint
    public let kind: Kind
    public let credentials: TargetCredentials
    /// Mailboxes worked on at once.
    public internal(set) var connections: Int
    /// How long an APPEND whose answer was lost may still be committed by the server; nil: as long as its kind of server may.
    public let settle: Duration?
    /// The largest message the target takes; nil where it is not known.
    public let maximumMessageSize: ByteCount?
    /// Where mail goes that a gateway has called junk.
    public let junkFolder: String
    /// What a session may take; `unacknowledged` is set from `settle`.
    var limits = IMAPSessionLimits()
    /// How long a target must have been well before it is given one connection more.
    var recovery = Duration.seconds(10)
    /// Unit of the pauses after a server has ended a connection before the login was through; each is twice the one before.
    var pauseWhenTurnedAway = Duration.seconds(1)
    /// Pauses of a replay of one turn before a target is tried again that was there in this run and has gone away; together a minute.
    var pausesInOutage: [Duration] = [.seconds(5), .seconds(10), .seconds(15), .seconds(30)]
    /// Pauses before a message is tried again that was refused for no reason that a code names; behind the last it is parked
    /// (imap-targets §4: Zimbra's `NO APPEND failed` may also be a full disk or a lock).
    var pausesAfterRefusal: [Duration] = [.seconds(2), .seconds(10), .seconds(30)]

    public init(
        name: String, endpoint: IMAPEndpoint, kind: Kind, credentials: TargetCredentials, connections: Int,
        settle: Duration?,
        maximumMessageSize: ByteCount? = nil, junkFolder: String = "Junk"
    ) {
        self.name = name
        self.endpoint = endpoint
        self.kind = kind
        self.credentials = credentials
        self.connections = connections
        self.settle = settle
        self.maximumMessageSize = maximumMessageSize
        self.junkFolder = junkFolder
    }

    /// Limits of a session: unacknowledged bytes must be given up before the settle time ends, or the kernel could still deliver a
    /// token after the mailbox was looked into.
    var sessionLimits: IMAPSessionLimits {
        var limits = self.limits
        limits.appendLimits.knownMessageSize = maximumMessageSize?.bytes
        limits.unacknowledged = .milliseconds(
            min(60_000, max(1, (settle ?? Personality.shortestSettle).wholeMilliseconds / 2)))
        return limits
    }

    /// The settle time at a server of this kind.
    func settle(of personality: Personality) -> Duration { settle ?? personality.settle }

    /// The settle time before it is known what the server is.
    var longestSettle: Duration {
        settle ?? (kind == .zimbra ? Personality.shortestSettle : Personality.longestSettle)
    }
}
