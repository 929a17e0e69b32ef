public import MailModel

/// One command line of a client, understood as far as the line itself goes. Whether it may come now is for
/// `SMTPServerStateMachine` to say.
public enum SMTPCommand: Hashable, Sendable {
    /// `C: EHLO mail.example.com`: the argument as it was sent, printable ASCII.
    case ehlo(String)
    case helo(String)
    /// `C: MAIL FROM:<alice@example.org> SIZE=1000 BODY=8BITMIME`
    case mail(ReversePath, MailParameters)
    /// `C: RCPT TO:<bob@example.com>`; a bare `<postmaster>` has an empty domain (RFC 5321 §4.5.1).
    case rcpt(MailAddress)
    /// The same where the address was written in UTF-8, which only SMTPUTF8 allows (RFC 6531 §3.3).
    case internationalRcpt(MailAddress)
    case data
    /// `C: BDAT 1000 LAST`: so many octets follow.
    case bdat(SMTPChunk)
    case rset
    case noop
    case vrfy
    case expn
    case help
    case quit
    case starttls

    /// `C: XCLIENT ADDR=192.0.2.1`; nil for arguments that cannot be understood.
    case xclient(XCLIENTAttributes?)

    /// A command of an extension that is not offered, such as AUTH.
    case unimplemented
    case unknown
    /// What no mail client says: HTTP, a TLS record, a header line.
    case foreign(ForeignProtocol)
    case malformed(SMTPSyntaxError)

    /// What spoke instead of a mail client.
    public enum ForeignProtocol: Hashable, Sendable {
        case http
        /// The PROXY header of a load balancer that is not configured as one.
        case proxy
        /// A TLS handshake record, where no STARTTLS went before.
        case tls
        /// `Host: …`, `Subject: …`: the rest of an HTTP request or of a message.
        case header
    }
}
