/// Every limit of an SMTP session that is not the size of the message, with its reason.
public struct SMTPLimits: Hashable, Sendable {
    /// The longest command line, CRLF included. RFC 5321 §4.5.3.1.4 asks for 512; parameters of extensions need more, and
    /// Postfix takes 2048. This is also the most that the decoder ever leaves in the handler's buffer.
    public var commandLineOctets = 2048

    /// How much of one over-long command line is thrown away before the session is closed: without a cap a client could
    /// make the server read for ever.
    public var discardedCommandOctets = 64 << 10

    /// The longest EHLO or HELO argument. A domain has 255 octets at the most (RFC 5321 §4.5.3.1.2).
    public var heloOctets = 255

    /// RCPT commands accepted for one message. RFC 5321 §4.5.3.1.10 asks for at least 100; Postfix has 1000.
    public var recipients = 1000

    /// How many RCPT commands beyond `recipients` are answered with a patient 452 before each counts as an error.
    /// The mail for the accepted recipients must still come through, so this is generous.
    public var recipientOvershoot = 10_000

    /// The largest chunk that BDAT may announce (RFC 3030 §2): far above every message size, and no sum of them overflows.
    public static let chunkOctets = Int(Int32.max)

    /// A chunk below this, unless it is the last, is a small one: each costs a command and a reply.
    public var smallChunkOctets = 1024

    /// Small chunks in one message. An honest client has some; a million of them are an attack that a size limit does not see.
    public var smallChunks = 10_000

    /// MAIL commands in one session, announced as MAILMAX: the largest number that RFC 9422 §5.1 can tell. It bounds what
    /// one connection may do without ever being looked at anew.
    public var mailCommands = 999_999

    /// From this many errors on the session deserves delayed answers (`SMTPServerStateMachine.deservesDelay`).
    public var errorsBeforeDelay = 10

    /// The error that is answered with 421 and the end of the session. An accepted message sets the count back.
    public var errors = 20

    /// The refused recipient that ends the session. More than `errors`, since an honest mailing has stale recipients;
    /// limited, since a sweep through guessed names has nothing else. An accepted message sets the count back.
    public var refusedRecipients = 100

    /// NOOP, RSET, VRFY, HELP and repeated EHLO between two accepted messages; each further one counts as an error.
    public var junkCommands = 100

    public init() {}
}
