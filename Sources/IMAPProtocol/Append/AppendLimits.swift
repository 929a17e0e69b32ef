/// Which literals go without waiting for the server's `+`.
public struct AppendLimits: Hashable, Sendable {
    /// RFC 7888 §5: under LITERAL- a literal without `+` has at most 4096 octets.
    public var nonSynchronizingWithLiteralMinus = 4096
    /// Under LITERAL+ the protocol has no bound, but a server that refuses must swallow all of it, so larger messages ask first.
    public var nonSynchronizingWithLiteralPlus = 96 << 10
    /// The largest message the server is known to take, from APPENDLIMIT or configuration. One above it asks first, so that it is refused
    /// before its octets are sent.
    public var knownMessageSize: Int?

    public init() {}

    /// Whether a literal of `size` octets may go as `{n+}`, given what was advertised inside the session.
    func mayGoUnasked(_ size: Int, _ capabilities: Capabilities) -> Bool {
        if let knownMessageSize, size > knownMessageSize { return false }
        if capabilities.hasLiteralPlus { return size <= nonSynchronizingWithLiteralPlus }
        return capabilities.hasLiteralMinus && size <= nonSynchronizingWithLiteralMinus
    }
}
