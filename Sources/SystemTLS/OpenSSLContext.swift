import CLibSSL

/// Owns one `SSL_CTX`, with the settings that both roles share already made.
// Safe because an SSL_CTX is reference counted and locked inside libssl, and nothing here changes it after the
// initializer of the context that owns it has returned.
final class OpenSSLContext: @unchecked Sendable {
    let pointer: OpaquePointer

    /// ECDHE first, then plain RSA: an old sender without ECDHE would otherwise fall back to clear text, and some
    /// encryption is better than none (RFC 7435). TLS 1.3 suites are OpenSSL's own.
    private static let cipherList =
        "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:RSA+AESGCM:RSA+AES:!aNULL:!eNULL:!PSK:!SRP:!ARIA:!CAMELLIA:!AESCCM"

    /// What keys are agreed on. Elliptic curves only: with the finite fields that libssl offers besides (ffdhe8192), a client that
    /// computes nothing costs its server 100 ms of a processor (CVE-2002-20001, CVE-2024-41996).
    private static let groups = "X25519:P-256:X448:P-521:P-384"

    init(method: OpaquePointer?) throws(TLSError) {
        OpenSSLErrorQueue.clear()
        guard let pointer = SSL_CTX_new(method) else { throw Self.failure() }
        self.pointer = pointer
        // RFC 8996: TLS 1.0 and 1.1 must not be used.
        guard CLibSSL_SSL_CTX_set_min_proto_version(pointer, TLS1_2_VERSION) == 1,
            SSL_CTX_set_cipher_list(pointer, Self.cipherList) == 1,
            CLibSSL_SSL_CTX_set1_groups_list(pointer, Self.groups) == 1
        else { throw Self.failure() }
        SSL_CTX_set_options(pointer, CLibSSL_OP_NO_COMPRESSION | CLibSSL_OP_NO_RENEGOTIATION)
        // Gives the record buffers (some 34 KiB) of an idle connection back.
        _ = CLibSSL_SSL_CTX_set_mode(pointer, Int(SSL_MODE_RELEASE_BUFFERS) | Int(SSL_MODE_AUTO_RETRY))
        // A pass phrase would be asked for on the terminal; a service has none.
        SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, _ in 0 }
    }

    deinit { SSL_CTX_free(pointer) }

    private static func failure() -> TLSError {
        TLSError(
            .library, "libssl cannot set up TLS 1.2 or later: check /etc/ssl/openssl.cnf and the libssl3 package.",
            cause: OpenSSLErrorQueue.drain())
    }
}
