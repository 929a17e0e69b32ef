public import MailModel

/// What an SMTP server says about itself, the same for all its sessions. Make it once: it holds the ready-made replies, and every session
/// refers to it.
public final class SMTPServerConfiguration: Sendable {
    /// The name in the banner, in the answer to EHLO and in `Received:`.
    public let hostname: String
    /// The largest message in octets, dot-stuffing removed. Announced as SIZE (RFC 1870).
    public let maximumMessageSize: ByteCount
    /// What becomes of a message with a bare LF or a lone CR.
    public let bareNewlines: BareNewlinePolicy
    /// A certificate exists, so STARTTLS is offered until TLS is on.
    public let offersSTARTTLS: Bool
    /// In how many different domains a session may have recipients, announced as RCPTDOMAINMAX (RFC 9422 §5.3); nil for any.
    public let recipientDomains: Int?
    public let limits: SMTPLimits

    let banner: SMTPReply
    let heloReply: SMTPReply
    let ehloReply: SMTPReply
    let ehloReplyWithSTARTTLS: SMTPReply

    public init(
        hostname: String, maximumMessageSize: ByteCount, bareNewlines: BareNewlinePolicy = .normalize,
        offersSTARTTLS: Bool = false, recipientDomains: Int? = nil, limits: SMTPLimits = SMTPLimits()
    ) {
        self.hostname = hostname
        self.maximumMessageSize = maximumMessageSize
        self.bareNewlines = bareNewlines
        self.offersSTARTTLS = offersSTARTTLS
        self.recipientDomains = recipientDomains
        self.limits = limits
        self.banner = .banner(hostname: hostname)
        self.heloReply = .helo(hostname: hostname)
        let extensions = Self.extensions(maximumMessageSize, recipientDomains, limits)
        self.ehloReply = .ehlo(hostname: hostname, extensions: extensions)
        self.ehloReplyWithSTARTTLS = .ehlo(hostname: hostname, extensions: extensions + ["STARTTLS"])
    }

    /// The keywords of EHLO that hold in clear and inside TLS.
    private static func extensions(_ size: ByteCount, _ recipientDomains: Int?, _ limits: SMTPLimits) -> [String] {
        var values = ["MAILMAX=\(told(limits.mailCommands))", "RCPTMAX=\(told(limits.recipients))"]
        if let recipientDomains { values.append("RCPTDOMAINMAX=\(told(recipientDomains))") }
        return [
            "PIPELINING", "SIZE \(size.bytes)", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING", "SMTPUTF8",
            "LIMITS " + values.joined(separator: " "),
        ]
    }

    /// RFC 9422 §5: from 1 to 999999.
    private static func told(_ limit: Int) -> Int { min(max(limit, 1), 999_999) }

    /// Octets of refused chunks that are read and thrown away for one message, as DATA reads twice the limit and no more.
    var discardedOctets: Int {
        let (twice, overflows) = maximumMessageSize.bytes.multipliedReportingOverflow(by: 2)
        return overflows ? .max : twice
    }
}
