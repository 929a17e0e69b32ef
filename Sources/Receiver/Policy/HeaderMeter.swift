#if canImport(Glibc)
import Glibc
#endif

/// Measures the header of a message while it comes, piece by piece: the octets up to the first empty line.
struct HeaderMeter: Sendable {
    private(set) var octets = 0
    /// The empty line has come.
    private(set) var isComplete = false
    /// Octets since the last LF, CR not counted.
    private var lineOctets = 0

    mutating func add(_ piece: UnsafeRawBufferPointer) {
        guard !isComplete, let base = piece.baseAddress else { return }
        var position = 0
        while position < piece.count {
            guard let found = memchr(base + position, 0x0A, piece.count - position) else {
                lineOctets += piece.count - position - (piece[piece.count - 1] == 0x0D ? 1 : 0)
                octets += piece.count
                return
            }
            let end = UnsafeRawPointer(found) - base
            let length = end - position - (end > position && piece[end - 1] == 0x0D ? 1 : 0)
            position = end + 1
            if lineOctets + length == 0 {
                octets += position
                isComplete = true
                return
            }
            lineOctets = 0
        }
        octets += piece.count
    }
}
