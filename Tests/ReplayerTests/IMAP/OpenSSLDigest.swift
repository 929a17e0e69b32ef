import CLibSSL
import MailModel
import Replayer

/// SHA-256 by libcrypto.
final class OpenSSLDigest: StreamingDigest {
    private let context = EVP_MD_CTX_new()

    init() { EVP_DigestInit_ex(context, EVP_sha256(), nil) }

    deinit { EVP_MD_CTX_free(context) }

    func update(_ bytes: UnsafeRawBufferPointer) { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }

    func finish() -> SHA256Digest {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { bytes in
            EVP_DigestFinal_ex(context, bytes.baseAddress, nil)
            return SHA256Digest(UnsafeRawBufferPointer(bytes))
        }
    }

    static func digest(of bytes: [UInt8]) -> SHA256Digest {
        let digest = OpenSSLDigest()
        bytes.withUnsafeBytes { digest.update($0) }
        return digest.finish()
    }
}
