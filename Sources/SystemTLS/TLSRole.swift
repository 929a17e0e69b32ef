/// Which end of the connection we are; it decides what an error says and whom it tells.
enum TLSRole: Hashable {
    case server
    /// Of the server with this name or address.
    case client(host: String)

    func handshakeFailed(cause: String?) -> TLSError {
        switch self {
        case .server:
            TLSError(
                .handshakeFailed,
                "The client and we agreed on no TLS session: it must speak TLS 1.2 or later and accept our certificate.",
                cause: cause)
        case .client(let host):
            TLSError(
                .handshakeFailed,
                "\(host) and we agreed on no TLS session: check that the port speaks TLS (not STARTTLS) and version 1.2 or later.",
                cause: cause)
        }
    }

    func verificationFailed(reason: String) -> TLSError {
        guard case .client(let host) = self else { return handshakeFailed(cause: reason) }
        return TLSError(
            .verificationFailed, "The certificate of \(host) is not accepted: \(Self.remedy(for: reason, host: host))",
            cause: reason)
    }

    private static func remedy(for reason: String, host: String) -> String {
        switch reason {
        case "certificate has expired", "CRL has expired": "renew it on the server, and check the clock here."
        case "certificate is not yet valid": "check the clock here and its dates."
        case "hostname mismatch", "IP address mismatch":
            "it is for another name; configure a host that stands in its subjectAltName, or have one issued for \(host)."
        case "unsuitable certificate purpose":
            "it was not issued for a server (extendedKeyUsage); have one issued for TLS servers."
        default:
            "put the authority that signed it, or the certificate itself, into the trusted certificates, if it is genuine."
        }
    }

    func interrupted() -> TLSError {
        switch self {
        case .server: TLSError(.handshakeInterrupted, "The client closed the connection during the TLS handshake.")
        case .client(let host):
            TLSError(
                .handshakeInterrupted,
                "\(host) closed the connection during the TLS handshake: check that the port speaks TLS (not STARTTLS)."
            )
        }
    }

    func timedOut(after seconds: Int64) -> TLSError {
        TLSError(
            .handshakeTimeout,
            "\(peer) did not finish the TLS handshake in \(seconds) s: check that it speaks TLS and is not overloaded.")
    }

    func truncated() -> TLSError {
        TLSError(
            .truncated, "\(peer) ended the connection without a TLS close_notify: what it was sending is discarded.")
    }

    func violated(cause: String?) -> TLSError {
        TLSError(.protocolViolation, "\(peer) broke the TLS protocol, or someone on the way did.", cause: cause)
    }

    private var peer: String {
        switch self {
        case .server: "The client"
        case .client(let host): host
        }
    }
}
