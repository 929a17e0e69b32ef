/// What the decoder saw of a message up to its true end.
public struct DataFindings: Hashable, Sendable {
    /// Octets given to the sink: dot-stuffing removed, the last line's CRLF included, the final dot not.
    public internal(set) var octets = 0
    /// How many bare LF were made CRLF and lone CR were made a space; 0 for nearly all mail.
    public internal(set) var normalizedNewlines = 0
    /// The last line of a message in chunks had no CRLF and was given one.
    public internal(set) var isLastLineCompleted = false
    /// A NUL was among the octets. No IMAP literal can carry it.
    public internal(set) var containsNUL = false
    /// The message is larger than the limit; the sink has its beginning only.
    public internal(set) var isOversize = false

    public init() {}
}
