/// What the client said of itself.
public struct SMTPGreeting: Hashable, Sendable {
    /// The argument of EHLO or HELO as it was sent: printable ASCII, perhaps with spaces, at most
    /// `SMTPLimits.heloOctets`. Anything may stand in it; check it before it becomes part of a header.
    public let name: String
    /// EHLO, not HELO.
    public let isExtended: Bool
}
