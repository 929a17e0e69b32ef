public import MailModel

/// An accepted message as a segment tells it, without its bytes.
public struct SpooledMessage: Hashable, Sendable {
    /// Where its record begins.
    public var position: SpoolPosition
    /// Where the record after it begins.
    public var end: SpoolPosition
    public var envelope: Envelope
    /// Octets of the message as stored: our `Received:` line, then what came in DATA.
    public var length: Int
    /// SHA-256 of those octets.
    public var digest: SHA256Digest
    /// The octets lie in `large/<id>`, not in the segment.
    public var isLarge: Bool
    /// The first octets of the message, at least up to the end of its header or `SpoolLimits.headerPrefix`.
    /// Empty where the reader was not asked for them.
    public var headerPrefix: [UInt8]

    public var id: MessageID { envelope.id }

    public init(
        position: SpoolPosition, end: SpoolPosition, envelope: Envelope, length: Int, digest: SHA256Digest,
        isLarge: Bool,
        headerPrefix: [UInt8] = []
    ) {
        self.position = position
        self.end = end
        self.envelope = envelope
        self.length = length
        self.digest = digest
        self.isLarge = isLarge
        self.headerPrefix = headerPrefix
    }
}
