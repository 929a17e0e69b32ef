import CLibSSL

/// How a client checks servers: chain, purpose, dates and name, always. TLS 1.2 and 1.3.
///
/// One context serves all connections that share the same trust; the name to check is given to each `TLSHandler`.
public final class TLSClientContext: Sendable {
    public let trust: TLSTrust
    let openSSL: OpenSSLContext

    /// Reads the trusted certificates at once.
    ///
    /// - Throws: `TLSError.Code.trustUnreadable`, naming the file.
    public init(trust: TLSTrust = .system) throws(TLSError) {
        self.trust = trust
        openSSL = try OpenSSLContext(method: TLS_client_method())
        SSL_CTX_set_verify(openSSL.pointer, SSL_VERIFY_PEER, nil)
        switch trust {
        case .system: try trustSystem()
        case .file(let path): try trustFile(path)
        }
    }

    private func trustSystem() throws(TLSError) {
        guard SSL_CTX_set_default_verify_paths(openSSL.pointer) == 1 else {
            throw TLSError(
                .trustUnreadable, "The system's trusted certificates cannot be read: install ca-certificates.",
                cause: OpenSSLErrorQueue.drain())
        }
    }

    private func trustFile(_ path: String) throws(TLSError) {
        guard SSL_CTX_load_verify_file(openSSL.pointer, path) == 1 else {
            throw TLSError(
                .trustUnreadable,
                "\(path) is not a readable file of PEM certificates: check the path and its permissions.",
                cause: OpenSSLErrorQueue.drain())
        }
        _ = X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(openSSL.pointer), UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }
}
