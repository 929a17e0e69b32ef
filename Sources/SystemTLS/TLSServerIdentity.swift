import Synchronization

/// Hands each new connection the server context of the moment, and takes a new one in while connections run.
///
/// ```swift
/// let identity = try TLSServerIdentity(certificateFile: chain, keyFile: key, listener: "[::]:25")
/// // in the child channel's initializer, or at STARTTLS:
/// try pipeline.addHandler(TLSHandler(server: identity.current), position: .first)
/// // on SIGHUP:
/// try identity.reload()
/// ```
public final class TLSServerIdentity: Sendable {
    public let certificateFile: String
    public let keyFile: String
    public let listener: String
    private let context: Mutex<TLSServerContext>

    /// - Throws: what `TLSServerContext` throws.
    public init(certificateFile: String, keyFile: String, listener: String) throws(TLSError) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.listener = listener
        context = Mutex(
            try TLSServerContext(certificateFile: certificateFile, keyFile: keyFile, listener: listener))
    }

    /// The context for a connection that begins now.
    public var current: TLSServerContext { context.withLock { $0 } }

    /// Reads the two files again. When this returns, every new connection shows the new certificate; those that run keep
    /// theirs until they end.
    ///
    /// - Throws: what `TLSServerContext` throws; the old context then stays in use.
    public func reload() throws(TLSError) {
        let renewed = try TLSServerContext(certificateFile: certificateFile, keyFile: keyFile, listener: listener)
        context.withLock { $0 = renewed }
    }
}
