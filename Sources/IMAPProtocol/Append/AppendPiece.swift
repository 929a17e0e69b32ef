public import NIOCore

/// Something to write, in order.
public enum AppendPiece: Hashable, Sendable {
    /// Command text.
    case text(ByteBuffer)
    /// These octets of the message at `index`; may be none.
    case message(index: Int, Range<Int>)
    /// The last octet of the last message and the CRLF that ends the command: what makes the server commit. In one write.
    case token
}
