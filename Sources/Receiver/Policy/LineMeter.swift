#if canImport(Glibc)
import Glibc
#endif

/// Tells whether a message that comes piece by piece has a line longer than a limit, CRLF included (RFC 5321 §4.5.3.1.6).
///
/// Of a piece shorter than the limit only its first and its last line are looked at: no line inside can be too long.
struct LineMeter: Sendable {
    /// A line of more octets was met.
    private(set) var isExceeded = false
    private let limit: Int
    /// Octets of the line in work.
    private var line = 0

    init(limit: Int) { self.limit = limit }

    mutating func add(_ piece: UnsafeRawBufferPointer) {
        guard !isExceeded, !piece.isEmpty else { return }
        guard let head = Self.lineLength(piece[...]) else { return grow(by: piece.count) }
        grow(by: head)
        var rest = piece[head...]
        while rest.count > limit, let next = Self.lineLength(rest) {
            if next > limit { isExceeded = true }
            rest = rest.dropFirst(next)
        }
        line = 0
        grow(by: Self.tailLength(rest))
    }

    private mutating func grow(by octets: Int) {
        line += octets
        if line > limit { isExceeded = true }
    }

    /// Octets up to and with the first LF; nil where there is none.
    private static func lineLength(_ octets: Slice<UnsafeRawBufferPointer>) -> Int? {
        let buffer = UnsafeRawBufferPointer(rebasing: octets)
        guard let base = buffer.baseAddress, let found = memchr(base, 0x0A, buffer.count) else { return nil }
        return UnsafeRawPointer(found) - base + 1
    }

    /// Octets behind the last LF.
    private static func tailLength(_ octets: Slice<UnsafeRawBufferPointer>) -> Int {
        guard let last = octets.lastIndex(of: 0x0A) else { return octets.count }
        return octets.endIndex - last - 1
    }
}
