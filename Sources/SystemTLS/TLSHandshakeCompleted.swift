/// The inbound user event that `TLSHandler` fires once, when the handshake is done and before any data.
public struct TLSHandshakeCompleted: Hashable, Sendable, CustomStringConvertible {
    /// `TLSv1.3` or `TLSv1.2`.
    public let version: String
    /// OpenSSL's name of the suite: `TLS_AES_256_GCM_SHA384`, `ECDHE-RSA-AES256-GCM-SHA384`.
    public let cipher: String
    /// The peer's certificate was verified, with its name. Always true for a client, never for a server, which asks for
    /// none.
    public let peerVerified: Bool
    /// When the peer's certificate ends, in seconds since 1970; nil where it has shown none.
    public let peerCertificateEnds: Int?

    public init(version: String, cipher: String, peerVerified: Bool, peerCertificateEnds: Int? = nil) {
        self.peerCertificateEnds = peerCertificateEnds
        self.version = version
        self.cipher = cipher
        self.peerVerified = peerVerified
    }

    /// `TLSv1.3 TLS_AES_256_GCM_SHA384`, as it stands in an envelope.
    public var description: String { "\(version) \(cipher)" }
}
