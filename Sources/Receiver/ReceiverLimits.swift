public import MailModel
public import NIOCore

/// Every limit of the receiver beside those of the protocol (``SMTPLimits``), with its reason.
public struct ReceiverLimits: Sendable {
    /// From so many days before the end of the certificate on a warning comes each day, and `layover check` warns. Let's Encrypt
    /// renews 30 days before.
    public static let certificateWarningDays = 14

    /// Sessions at once; one more is answered 421 4.3.2. Each costs a descriptor and some 20 KiB.
    public var sessions = 2_000
    /// Sessions at once of one IPv4 address or one IPv6 /64; one more is answered 421 4.7.0. Generous, since all mail may come
    /// through one filtering gateway; limited, so that no single client takes every place.
    public var sessionsPerClient = 200
    /// Sessions at once of one IPv4 /24 or IPv6 /48; one more is answered 421 4.7.0.
    public var sessionsPerNetwork = 500
    /// New connections a minute of one client; one more is answered 421 4.7.0. 0: no limit. Busy senders keep sessions open.
    public var connectionsPerMinute = 600
    /// Messages a minute that one client may begin and not bring to acceptance, before its connections are answered 421 4.7.0
    /// for about a minute. 0: no limit. Each makes the server read up to a whole message for nothing.
    public var abortsPerMinute = 120
    /// Clients whose rates are remembered; some 100 bytes each.
    public var clientsRemembered = 65_536
    /// Commands between two accepted messages, or from the start to the first; one more ends the session with 421 4.7.0.
    /// Room for a message with every recipient that it may have, and all that go beyond.
    public var commands = 20_000
    /// How long the answer to an error is held back from a client that has made many (``SMTPLimits/errorsBeforeDelay``).
    public var errorDelay = TimeAmount.seconds(1)
    /// The header of a message, up to its first empty line; a longer one is refused with 554 5.6.0. Postfix cuts at 100 KiB.
    public var headerSize = ByteCount.kib(256)
    /// A line of a message, CRLF included; a longer one is refused with 554 5.6.0. RFC 5321 §4.5.3.1.6 allows 1000 octets and asks to
    /// take more where one can: Postfix takes any length and folds it on the way on, Exim refuses from 999 on. Nothing is folded
    /// here, and IMAP literals carry lines of any length: what is refused is lost to its reader, so this is far above every text.
    public var lineLength = ByteCount.mib(16)
    /// After `accept` has failed for want of descriptors or memory, the next one is tried so much later.
    public var acceptPause = TimeAmount.milliseconds(200)
    /// A load balancer must have sent its PROXY header by then.
    public var proxyHeaderTimeout = TimeAmount.seconds(10)
    /// A client may go so long without a whole command (RFC 5321 §4.5.3.2.7 asks for 5 minutes).
    public var idleTimeout = TimeAmount.seconds(300)
    /// From so many percent of `sessions` on the receiver is under stress: slow sessions make room for good ones (as in Postfix's
    /// STRESS_README). It ends below three quarters of that, so that it does not flutter.
    public var stressPercent = 80
    /// Under stress, `idleTimeout` is no longer than this.
    public var stressTimeout = TimeAmount.seconds(10)
    /// Under stress, so much of a message must come within each `stressTimeout`: 500 octets a second, as Postfix asks.
    public var stressData = ByteCount(5_000)
    /// Under stress, the error that ends a session.
    public var stressErrors = 3
    /// Of a message, at least so much must come within each `idleTimeout`, or its end: one byte now and then does not keep a
    /// session open for ever.
    public var slowestData = ByteCount.kib(16)
    /// Memory for bodies in flight, all sessions together. Over it, bodies go to files early and their sockets wait for the disk.
    public var bodyMemory = ByteCount.mib(64)
    /// Memory that a body gets before an octet of it has come, where it declares as much: most mail is no larger. More would let
    /// clients that send nothing spend `bodyMemory`.
    public var firstMemory = ByteCount.kib(16)
    /// A body smaller than this stays in memory even when the budget is spent, so that every session can go on.
    public var smallBody = ByteCount.kib(64)
    /// Pieces in which a large body goes to its file; `smallBody` while the budget is spent.
    public var largePiece = ByteCount.kib(256)
    /// Pieces of one large body that may wait for the disk before its socket is no longer read; one while the budget is spent.
    public var piecesWaiting = 2
    /// Input that a session may have waiting while its last command is being answered; beyond it the socket is not read.
    public var waitingInput = ByteCount.kib(64)
    /// Unknown recipients of refused mail that are remembered by name for `roster coverage`; some 400 bytes each.
    public var refusedRemembered = 10_000
    /// New ones among them that one IPv4 /24 or IPv6 /48 may bring in a day; what it tries beyond is only counted. Honest senders
    /// have few; without a limit one sweep through guessed names would push out those that somebody misses.
    public var refusedNewNames = 1_000
    /// Within so long what is counted of them is on the disk.
    public var refusedFlush = TimeAmount.seconds(10)
    /// `Received:` lines in a message that has been going round in circles (RFC 5321 §6.3 asks for at least 100).
    public var receivedLines = 100
    /// After a refusal that ends the session, what the client still sends is read and thrown away for so long, or until it ends:
    /// closing on unread octets would reset the connection, and the reply with it.
    public var linger = TimeAmount.seconds(2)
    /// The most that is thrown away then.
    public var lingerOctets = ByteCount.mib(4)
    /// After SIGTERM a message whose DATA has begun may take so long to end.
    public var drain = TimeAmount.seconds(30)
    /// A new receiver waits so long for the old one to give the spool back. More than `drain`, so that an upgrade can overlap.
    public var lockWait = TimeAmount.seconds(60)
    /// How often the files of the certificate are looked at.
    public var certificateCheck = TimeAmount.seconds(10)
    /// A disk that takes longer to sync one octet is not ready.
    public var diskPatience = TimeAmount.milliseconds(1_000)
    /// Free room below which no mail is taken: a share of the file system, or bytes.
    public var minimumFree = FreeFloor.percent(5)
    /// The reserve file that a start makes where there is plenty of room; 0 for none.
    public var reserve = ByteCount(0)

    public init() {}

    /// A floor under the free space and the free inodes.
    public enum FreeFloor: Hashable, Sendable {
        case percent(Int)
        case bytes(ByteCount)
    }
}
