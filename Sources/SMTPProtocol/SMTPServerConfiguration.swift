public import MailModel

/// What an SMTP server says about itself, the same for all its sessions. Make it once: it holds the ready-made replies.
public struct SMTPServerConfiguration: Sendable {
    /// The name in the banner, in the answer to EHLO and in `Received:`.
    public let hostname: String
    /// The largest message in octets, dot-stuffing removed. Announced as SIZE (RFC 1870).
    public let maximumMessageSize: ByteCount
    /// What becomes of a message with a bare LF or a lone CR.
    public let bareNewlines: BareNewlinePolicy
    /// A certificate exists, so STARTTLS is offered until TLS is on.
    public let offersSTARTTLS: Bool
    public let limits: SMTPLimits

    let banner: SMTPReply
    let heloReply: SMTPReply
    let ehloReply: SMTPReply
    let ehloReplyWithSTARTTLS: SMTPReply

    public init(
        hostname: String, maximumMessageSize: ByteCount, bareNewlines: BareNewlinePolicy = .normalize,
        offersSTARTTLS: Bool = false, limits: SMTPLimits = SMTPLimits()
    ) {
        self.hostname = hostname
        self.maximumMessageSize = maximumMessageSize
        self.bareNewlines = bareNewlines
        self.offersSTARTTLS = offersSTARTTLS
        self.limits = limits
        self.banner = .banner(hostname: hostname)
        self.heloReply = .helo(hostname: hostname)
        self.ehloReply = .ehlo(hostname: hostname, maximumMessageSize: maximumMessageSize, offersSTARTTLS: false)
        self.ehloReplyWithSTARTTLS = .ehlo(
            hostname: hostname, maximumMessageSize: maximumMessageSize, offersSTARTTLS: true)
    }
}
