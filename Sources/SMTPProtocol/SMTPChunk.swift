/// What one BDAT command announces: `C: BDAT 1000 LAST` (RFC 3030 §2).
public struct SMTPChunk: Hashable, Sendable {
    /// Octets that follow the command line, whatever they are.
    public let octets: Int
    /// The message ends with this chunk.
    public let isLast: Bool

    public init(octets: Int, isLast: Bool = false) {
        self.octets = octets
        self.isLast = isLast
    }
}
