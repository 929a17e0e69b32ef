import IMAPProtocol
import NIOCore

/// How the header literals of the response that is being read begin, of those too long to be kept.
///
/// A sender can make his own lines of our names as long as a header may be; ours stand above them.
struct StreamedBeginnings {
    private var beginnings: [[UInt8]] = []

    /// The octets of the response's header literal: all of it where it was kept, else its beginning. A FETCH of ours asks for one.
    func octets(of literal: IMAPLiteral?) -> [UInt8]? {
        switch literal {
        case .kept(let bytes)?: bytes
        case .streamed?: beginnings.first
        case nil: nil
        }
    }

    mutating func literalBegan() { beginnings.append([]) }

    mutating func literalBytes(_ bytes: ByteBuffer) {
        guard let last = beginnings.indices.last else { return }
        let room = TraceHeader.searchedOctets - beginnings[last].count
        if room > 0 { beginnings[last].append(contentsOf: bytes.readableBytesView.prefix(room)) }
    }

    mutating func responseEnded() { beginnings.removeAll(keepingCapacity: true) }
}
