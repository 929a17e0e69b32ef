public import MailModel

/// A SHA-256 that takes its bytes as they come.
public protocol StreamingDigest {
    mutating func update(_ bytes: UnsafeRawBufferPointer)
    /// Called once, last.
    mutating func finish() -> SHA256Digest
}

/// Begins a new digest.
public typealias StreamingDigestFactory = @Sendable () -> any StreamingDigest
