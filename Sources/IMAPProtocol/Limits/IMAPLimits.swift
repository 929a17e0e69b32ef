/// How much of a server's answer is believed before the connection is given up. A hostile server costs an error, never memory.
public struct IMAPLimits: Hashable, Sendable {
    /// Octets of one piece of text between two line ends. Dovecot's own limit for a line is 64 KiB; a CAPABILITY line has some 600.
    public var lineLength = 64 << 10
    /// Octets of text in one response, all its pieces together, and of the literals kept with it.
    public var responseText = 256 << 10
    /// Literals in one response. A FETCH of ours asks for one.
    public var literalsPerResponse = 64
    /// Octets a server may announce for one literal. They are streamed, so this bounds time, not memory.
    public var literalSize = 1 << 30
    /// Octets of a literal that is kept with its response, such as a header field or a mailbox name; a larger one is streamed.
    public var keptLiteralSize = 64 << 10
    /// Parentheses inside parentheses.
    public var nesting = 32
    /// UIDs in one APPENDUID; far more than a batch.
    public var uidsPerCode = 10_000

    public init() {}
}
