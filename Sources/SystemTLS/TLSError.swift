/// What went wrong with a certificate, a key, a handshake or an encrypted connection: like an enum, but extensible.
///
/// `description` is one line for an operator: it names the file or the host and says what to do.
public struct TLSError: Error, Hashable, Sendable {
    /// The kind of failure, for code that decides; people read `message`.
    public let code: Code
    /// What failed, on which file or host, and the remedy.
    public let message: String
    /// OpenSSL's own words: `certificate has expired`, `wrong version number`; nil when it had none.
    public let cause: String?

    public init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}

extension TLSError {
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// A certificate chain cannot be read, or holds no certificate.
        public static let certificateUnreadable = Code(description: "certificate-unreadable")
        /// A private key cannot be read, or is protected by a pass phrase.
        public static let keyUnreadable = Code(description: "key-unreadable")
        /// Private key and certificate do not belong together.
        public static let keyMismatch = Code(description: "key-mismatch")
        /// The file of trusted authorities, or the system's store, cannot be read.
        public static let trustUnreadable = Code(description: "trust-unreadable")
        /// A host name that no certificate can be checked against.
        public static let hostInvalid = Code(description: "host-invalid")
        /// The peer's certificate was not accepted. Nothing was sent to it, nothing read from it.
        public static let verificationFailed = Code(description: "verification-failed")
        /// The two sides could not agree, or the peer did not speak TLS.
        public static let handshakeFailed = Code(description: "handshake-failed")
        /// The connection ended before the handshake did.
        public static let handshakeInterrupted = Code(description: "handshake-interrupted")
        /// The handshake took longer than `TLSLimits.handshakeTimeout`.
        public static let handshakeTimeout = Code(description: "handshake-timeout")
        /// The connection ended without the peer's close_notify (RFC 8446 §6.1): what it sent may have been cut short, by
        /// anyone on the way. An unfinished message must be discarded.
        public static let truncated = Code(description: "truncated")
        /// A record that is forged, damaged or not allowed here.
        public static let protocolViolation = Code(description: "protocol-violation")
        /// The peer, or a caller, went past one of `TLSLimits`.
        public static let limitExceeded = Code(description: "limit-exceeded")
        /// libssl refused something that cannot fail but for want of memory or a broken system configuration.
        public static let library = Code(description: "library")
    }
}

extension TLSError: CustomStringConvertible {
    public var description: String { cause.map { "\(message) (\($0))" } ?? message }
}
