/// Everything that is known of a message beside its bytes, as it was when the message was accepted.
public struct Envelope: Hashable, Sendable {
    public var id: MessageID
    /// The moment DATA began; INTERNALDATE in the new mailbox.
    public var receivedAt: Timestamp
    public var sender: ReversePath
    /// In the order of the RCPT commands, each address once.
    public var recipients: [MailAddress]
    /// The client's IP address without port or brackets: `192.0.2.1`, `2001:db8::1`.
    public var client: String
    /// What the client called itself in EHLO or HELO.
    public var helo: String
    /// `SMTP`, `ESMTP`, `ESMTPS`, `UTF8SMTP`… (RFC 3848, 6531).
    public var transmission: String
    /// `TLSv1.3 TLS_AES_256_GCM_SHA384`; nil for a session in clear.
    public var tls: String?
    /// BODY=8BITMIME was given.
    public var is8BitMIME: Bool
    /// SMTPUTF8 was given.
    public var isSMTPUTF8: Bool
    /// How many bare LF and lone CR were made CRLF or space before the digest was taken; 0 for nearly all mail.
    public var normalizedNewlines: Int
    /// The last line came without CRLF in a chunk of BDAT and was given one before the digest was taken.
    public var isLastLineCompleted: Bool
    /// `Authentication-Results` fields in our name that were taken out before the digest was taken (RFC 8601 §5): nobody but
    /// this server may speak in it, and it had not spoken yet.
    public var removedResults: Int
    /// A gateway whose word counts has called it junk.
    public var isJunk: Bool
    /// When the message was taken over from another spool; nil for one that came by SMTP.
    public var importedAt: Timestamp?

    public init(
        id: MessageID, receivedAt: Timestamp, sender: ReversePath, recipients: [MailAddress], client: String,
        helo: String,
        transmission: String, tls: String? = nil, is8BitMIME: Bool = false, isSMTPUTF8: Bool = false,
        normalizedNewlines: Int = 0, isLastLineCompleted: Bool = false, removedResults: Int = 0, isJunk: Bool = false,
        importedAt: Timestamp? = nil
    ) {
        self.id = id
        self.receivedAt = receivedAt
        self.sender = sender
        self.recipients = recipients
        self.client = client
        self.helo = helo
        self.transmission = transmission
        self.tls = tls
        self.is8BitMIME = is8BitMIME
        self.isSMTPUTF8 = isSMTPUTF8
        self.normalizedNewlines = normalizedNewlines
        self.isLastLineCompleted = isLastLineCompleted
        self.removedResults = removedResults
        self.isJunk = isJunk
        self.importedAt = importedAt
    }
}
