import CLibSSL
import NIOCore

/// One TLS connection without its socket: an `SSL` between two memory BIOs. Encrypted bytes are fed in and taken out,
/// clear ones are encrypted and decrypted; nothing here blocks or knows of channels.
///
/// Belongs to one event loop.
final class TLSSession {
    /// What a handshake step led to.
    enum HandshakeStep {
        case needsInput
        case done(TLSHandshakeCompleted)
        case failed(TLSError)
    }

    /// What a decryption led to.
    enum Decryption {
        /// This many bytes were added to the buffer; there may be more.
        case data(Int)
        case needsInput
        /// The peer's close_notify: nothing after it belongs to this session.
        case closed
        case failed(TLSError)
    }

    let role: TLSRole
    private let ssl: OpaquePointer
    /// From the peer. Owned by `ssl`, as is `output`.
    private let input: OpaquePointer
    /// To the peer.
    private let output: OpaquePointer

    init(server: TLSServerContext) throws(TLSError) {
        role = .server
        (ssl, input, output) = try Self.make(server.openSSL)
        SSL_set_accept_state(ssl)
    }

    /// - Throws: `TLSError.Code.hostInvalid` when no certificate can be checked against `host`.
    init(client: TLSClientContext, host: String) throws(TLSError) {
        role = .client(host: host)
        (ssl, input, output) = try Self.make(client.openSSL)
        SSL_set_connect_state(ssl)
        try TLSPeerName(host).expect(on: ssl)
    }

    deinit { SSL_free(ssl) }

    private static func make(
        _ context: OpenSSLContext
    ) throws(TLSError) -> (ssl: OpaquePointer, input: OpaquePointer, output: OpaquePointer) {
        OpenSSLErrorQueue.clear()
        guard let ssl = SSL_new(context.pointer) else { throw outOfMemory() }
        guard let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
            SSL_free(ssl)
            throw outOfMemory()
        }
        // An empty input means "not yet", never "the end": only the channel knows the end.
        _ = CLibSSL_BIO_set_mem_eof_return(input, -1)
        SSL_set_bio(ssl, input, output)
        return (ssl, input, output)
    }

    private static func outOfMemory() -> TLSError {
        TLSError(.library, "libssl cannot set a connection up: is memory short?", cause: OpenSSLErrorQueue.drain())
    }

    // MARK: Handshake

    func handshake() -> HandshakeStep {
        OpenSSLErrorQueue.clear()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return .done(summary()) }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needsInput
        default: return .failed(handshakeError())
        }
    }

    /// Once the handshake is done: the output holds nothing that the peer needs to go on.
    var hasOnlyTicketsToSend: Bool { role == .server && SSL_version(ssl) >= TLS1_3_VERSION }

    private func summary() -> TLSHandshakeCompleted {
        TLSHandshakeCompleted(
            version: String(cString: SSL_get_version(ssl)),
            cipher: CLibSSL_SSL_get_cipher_name(ssl).map { String(cString: $0) } ?? "",
            peerVerified: SSL_get0_peer_certificate(ssl) != nil && SSL_get_verify_result(ssl) == Int(X509_V_OK),
            peerCertificateEnds: SSL_get0_peer_certificate(ssl).flatMap(CertificateEnd.seconds))
    }

    private func handshakeError() -> TLSError {
        let cause = OpenSSLErrorQueue.drain()
        guard case .client = role, SSL_get_verify_result(ssl) != Int(X509_V_OK) else {
            return role.handshakeFailed(cause: cause)
        }
        let reason = String(cString: X509_verify_cert_error_string(SSL_get_verify_result(ssl)))
        return role.verificationFailed(reason: reason)
    }

    // MARK: From the peer

    /// Gives encrypted bytes in; at most `Int32.max` a call.
    func feed(_ bytes: ByteBufferView) -> Bool {
        bytes.withUnsafeBytes { raw in
            raw.isEmpty || BIO_write(input, raw.baseAddress, Int32(clamping: raw.count)) == Int32(clamping: raw.count)
        }
    }

    /// Some of what was fed in is not decrypted yet. Asking is cheaper than to decrypt nothing.
    var hasInput: Bool { BIO_ctrl_pending(input) > 0 || SSL_has_pending(ssl) == 1 }

    /// Decrypts the next piece, at most one record, straight into the buffer's writable bytes.
    func decrypt(into buffer: inout ByteBuffer) -> Decryption {
        OpenSSLErrorQueue.clear()
        var result: Int32 = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 512) { raw in
            result = SSL_read(ssl, raw.baseAddress, Int32(clamping: raw.count))
            return max(0, Int(result))
        }
        if result > 0 { return .data(Int(result)) }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needsInput
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: return .failed(role.violated(cause: OpenSSLErrorQueue.drain()))
        }
    }

    // MARK: To the peer

    /// Encrypts all of it into as few records as it takes; at most `Int32.max` bytes a call.
    func encrypt(_ bytes: ByteBufferView) -> TLSError? {
        guard !bytes.isEmpty else { return nil }
        OpenSSLErrorQueue.clear()
        let result = bytes.withUnsafeBytes { SSL_write(ssl, $0.baseAddress, Int32(clamping: $0.count)) }
        return result > 0 ? nil : role.violated(cause: OpenSSLErrorQueue.drain())
    }

    /// Adds our close_notify to the output, once. Not to be called after a failure.
    func close() {
        OpenSSLErrorQueue.clear()
        if SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN == 0 { _ = SSL_shutdown(ssl) }
        OpenSSLErrorQueue.clear()
    }

    /// How many encrypted bytes wait to be taken.
    var outputBytes: Int { BIO_ctrl_pending(output) }

    /// Takes every encrypted byte that waits.
    func takeOutput(_ allocator: ByteBufferAllocator) -> ByteBuffer {
        let count = outputBytes
        var buffer = allocator.buffer(capacity: count)
        guard count > 0 else { return buffer }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { raw in
            max(0, Int(BIO_read(output, raw.baseAddress, Int32(clamping: count))))
        }
        return buffer
    }
}
