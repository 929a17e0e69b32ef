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
    private let state: Mutex<State>

    private struct State {
        var context: TLSServerContext
        var files: TLSFileVersions
    }

    /// - Throws: what `TLSServerContext` throws.
    public init(certificateFile: String, keyFile: String, listener: String) throws(TLSError) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.listener = listener
        state = Mutex(try Self.read(certificateFile, keyFile, listener))
    }

    /// The context for a connection that begins now.
    public var current: TLSServerContext { state.withLock { $0.context } }

    /// The files that `current` was read from, as they were before: one that is another now has changed since, or meanwhile.
    public var filesRead: TLSFileVersions { state.withLock { $0.files } }

    /// The files as they are now. Blocks.
    public var filesNow: TLSFileVersions { TLSFileVersions(certificateFile: certificateFile, keyFile: keyFile) }

    /// Reads the two files again. When this returns, every new connection shows the new certificate and the keys of session tickets
    /// are others; connections that run keep theirs until they end.
    ///
    /// - Throws: what `TLSServerContext` throws; the old context then stays in use.
    public func reload() throws(TLSError) {
        let renewed = try Self.read(certificateFile, keyFile, listener)
        state.withLock { $0 = renewed }
    }

    private static func read(
        _ certificateFile: String, _ keyFile: String, _ listener: String
    ) throws(TLSError) -> State {
        // Before they are read: what changes from here on shows.
        let files = TLSFileVersions(certificateFile: certificateFile, keyFile: keyFile)
        let context = try TLSServerContext(certificateFile: certificateFile, keyFile: keyFile, listener: listener)
        return State(context: context, files: files)
    }
}
