import NIOCore

/// How the header literals of the response that is being read begin, of those too long to be kept.
///
/// A sender can make his own lines of our names as long as a header may be; ours stand above them.
struct StreamedBeginnings {
    private var beginnings: [[UInt8]] = []

    /// Of the literal that came first; a FETCH of ours asks for one.
    var first: [UInt8]? { beginnings.first }

    mutating func literalBegan() { beginnings.append([]) }

    mutating func literalBytes(_ bytes: ByteBuffer) {
        guard let last = beginnings.indices.last else { return }
        let room = TraceHeader.searchedOctets - beginnings[last].count
        if room > 0 { beginnings[last].append(contentsOf: bytes.readableBytesView.prefix(room)) }
    }

    mutating func responseEnded() { beginnings.removeAll(keepingCapacity: true) }
}
