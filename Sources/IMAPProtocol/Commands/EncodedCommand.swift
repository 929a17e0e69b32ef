public import NIOCore

/// A command's bytes, cut where the server must say `+` before the next piece may follow.
public struct EncodedCommand: Hashable, Sendable {
    public let tag: IMAPTag
    /// At least one.
    public let pieces: [ByteBuffer]
}
