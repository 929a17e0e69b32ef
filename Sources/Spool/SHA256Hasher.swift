import CLibSSL
public import MailModel

/// SHA-256 by Debian's libcrypto, fed in pieces.
///
/// One hasher hashes one message at a time; `finish` makes it ready for the next. Not for use by two threads at once.
public final class SHA256Hasher {
    /// Fetched once: OpenSSL 3 looks an algorithm up by name at each init otherwise, which costs more than hashing a header.
    nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)  // Safe because it is never written again.

    private let context: OpaquePointer?

    public init() {
        context = EVP_MD_CTX_new()
        EVP_DigestInit_ex2(context, Self.algorithm, nil)
    }

    deinit { EVP_MD_CTX_free(context) }

    public func update(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    public func update(_ bytes: some Sequence<UInt8>) {
        ContiguousArray(bytes).withUnsafeBytes { update($0) }
    }

    /// The digest of everything since the last `finish`.
    public func finish() -> SHA256Digest {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { digest in
            EVP_DigestFinal_ex(context, digest.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
            EVP_DigestInit_ex2(context, Self.algorithm, nil)
            return SHA256Digest(UnsafeRawBufferPointer(digest))
        }
    }

    /// The digest of one piece.
    public static func digest(_ bytes: UnsafeRawBufferPointer) -> SHA256Digest {
        let hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finish()
    }

    /// The digest of one array.
    public static func digest(_ bytes: [UInt8]) -> SHA256Digest { bytes.withUnsafeBytes { digest($0) } }
}
