public import NIOCore

/// What one connection may take before it is ended.
public struct TLSLimits: Hashable, Sendable {
    /// From the handler's start to the end of the handshake. Long enough for a slow line with lost packets, short enough
    /// that silent connections do not pile up.
    public var handshakeTimeout: TimeAmount
    /// Clear text that a caller may write before the handshake is done. Greetings and first commands are far smaller.
    public var pendingWriteBytes: Int
    /// What a peer may send after the handshake without one byte of data in it: KeyUpdate, alerts, empty records and
    /// refused renegotiations cost us work and replies. A whole record (16 KiB and some) must fit.
    public var idleRecordBytes: Int

    public init(
        handshakeTimeout: TimeAmount = .seconds(30), pendingWriteBytes: Int = 1 << 20, idleRecordBytes: Int = 64 << 10
    ) {
        self.handshakeTimeout = handshakeTimeout
        self.pendingWriteBytes = pendingWriteBytes
        self.idleRecordBytes = idleRecordBytes
    }

    /// The largest piece of data in one record (RFC 8446 §5.1).
    static let recordBytes = 16 << 10
    /// Encrypted bytes that are gathered before they are handed on: enough for a large write to the socket, little
    /// enough that the buffer inside libssl stays small.
    static let outputChunkBytes = 64 << 10
}
