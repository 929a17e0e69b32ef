/// What BDAT has cost the server since the last accepted MAIL (RFC 3030 §2): kept apart from the transaction, which a refused
/// chunk ends.
struct ChunkAccount: Hashable, Sendable {
    /// Why the last chunk was refused, as long as nothing but BDAT follows it and it was not the last of its message.
    var refusal: SMTPReply?
    /// Octets of refused chunks.
    var discardedOctets = 0
    /// Chunks below `SMTPLimits.smallChunkOctets`.
    var small = 0
}
