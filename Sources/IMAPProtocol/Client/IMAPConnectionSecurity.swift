/// When a connection becomes secret.
public enum IMAPConnectionSecurity: Hashable, Sendable {
    /// From its first byte (RFC 8314 §3.2); the caller runs TLS before the greeting.
    case implicitTLS
    /// After STARTTLS, which must succeed before anything else is said (RFC 3501 §6.2.1).
    case startTLS
    /// Never.
    case clear
}
