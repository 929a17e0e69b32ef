import CLibSSL

/// One certificate with its key, as a server shows it: TLS 1.2 and 1.3, ECDHE preferred, no renegotiation, no
/// compression, no early data.
///
/// Clients may resume by ticket. The tickets are good for this context only: not for another listener (the session id
/// context and the keys differ) and not after a reload. Their keys live as long as the context, so whoever serves for long must
/// reload now and then, also where the files are the same (RFC 9325 §3.4).
public final class TLSServerContext: Sendable {
    /// When the certificate ends, in seconds since 1970; for health checks. An expired one is served all the same:
    /// most senders do not verify, and encryption with an expired certificate is better than none.
    public let expiresAt: Int
    let openSSL: OpenSSLContext

    /// Reads both files at once; they may be replaced afterwards.
    ///
    /// - Parameters:
    ///   - certificateFile: PEM, the server's certificate first, then its intermediates.
    ///   - keyFile: PEM, without a pass phrase.
    ///   - listener: names the listener (`[::]:25`), so that a session of one is not resumed at another.
    /// - Throws: `TLSError` that names the file and the remedy.
    public init(certificateFile: String, keyFile: String, listener: String) throws(TLSError) {
        openSSL = try OpenSSLContext(method: TLS_server_method())
        let context = openSSL.pointer
        guard SSL_CTX_use_certificate_chain_file(context, certificateFile) == 1 else {
            throw TLSError(
                .certificateUnreadable,
                "\(certificateFile) is not a readable PEM certificate chain: check the path, its permissions, "
                    + "and that the server's certificate comes first.", cause: OpenSSLErrorQueue.drain())
        }
        guard let certificate = SSL_CTX_get0_certificate(context), let end = CertificateEnd.seconds(of: certificate)
        else {
            throw TLSError(
                .certificateUnreadable, "\(certificateFile) has no usable end date: have it issued anew.",
                cause: OpenSSLErrorQueue.drain())
        }
        expiresAt = end
        try Self.useKey(keyFile, for: certificateFile, in: context)
        SSL_CTX_set_options(context, CLibSSL_OP_CIPHER_SERVER_PREFERENCE | CLibSSL_OP_PRIORITIZE_CHACHA)
        // Tickets carry the whole session, so nothing is kept per client here.
        _ = CLibSSL_SSL_CTX_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        SSL_CTX_set_num_tickets(context, 1)
        try Self.bindSessions(of: context, to: listener)
    }

    private static func useKey(
        _ keyFile: String, for certificateFile: String, in context: OpaquePointer
    ) throws(TLSError) {
        guard SSL_CTX_use_PrivateKey_file(context, keyFile, SSL_FILETYPE_PEM) == 1 else {
            let cause = OpenSSLErrorQueue.drain()
            if cause == "key values mismatch" { throw mismatch(keyFile, certificateFile, cause) }
            throw TLSError(
                .keyUnreadable,
                "\(keyFile) is not a readable PEM private key: check the path, that this user may read it, and that it has "
                    + "no pass phrase (`openssl pkey -in FILE -out FILE.plain` removes one).", cause: cause)
        }
        guard SSL_CTX_check_private_key(context) == 1 else {
            throw mismatch(keyFile, certificateFile, OpenSSLErrorQueue.drain())
        }
    }

    private static func mismatch(_ keyFile: String, _ certificateFile: String, _ cause: String?) -> TLSError {
        TLSError(
            .keyMismatch,
            "\(keyFile) does not belong to the first certificate in \(certificateFile): install the pair that was issued "
                + "together.", cause: cause)
    }

    private static func bindSessions(of context: OpaquePointer, to listener: String) throws(TLSError) {
        // A digest, since the context may be 32 bytes long at the most.
        let name = Array(listener.utf8)
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard EVP_Digest(name, name.count, &digest, &length, EVP_sha256(), nil) == 1,
            SSL_CTX_set_session_id_context(context, digest, length) == 1
        else {
            throw TLSError(.library, "libssl cannot bind sessions to \(listener).", cause: OpenSSLErrorQueue.drain())
        }
    }
}
