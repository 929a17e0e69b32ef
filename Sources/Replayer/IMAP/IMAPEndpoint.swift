public import SystemTLS

/// Where a target listens and how the connection becomes secret.
public struct IMAPEndpoint: Sendable {
    public enum Security: Sendable {
        /// TLS from the first byte (RFC 8314).
        case tls(TLSClientContext)
        /// STARTTLS, which must succeed before anything else is said.
        case startTLS(TLSClientContext)
        /// In clear; for loopback only, which the configuration sees to.
        case none
    }

    /// A name or an IP address; with TLS the certificate must carry it.
    public let host: String
    public let port: Int
    public let security: Security

    public init(host: String, port: Int, security: Security) {
        self.host = host
        self.port = port
        self.security = security
    }
}
