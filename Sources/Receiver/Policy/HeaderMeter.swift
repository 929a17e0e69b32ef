#if canImport(Glibc)
import Glibc
#endif

/// Measures the header of a message while it comes, piece by piece: the octets up to the first empty line, or up to the first line
/// that can belong to no header, having no colon and being no continuation (RFC 5322 §2.2).
struct HeaderMeter: Sendable {
    /// Octets of the whole lines of the header, CRLF included, and of the one in work.
    var octets: Int { isComplete ? finished : finished + line }
    /// The header is at its end.
    private(set) var isComplete = false
    private var finished = 0
    /// Octets of the line in work.
    private var line = 0
    private var hasColon = false
    private var isContinuation = false
    private var endsWithCR = false

    mutating func add(_ piece: UnsafeRawBufferPointer) {
        guard !isComplete, let base = piece.baseAddress else { return }
        var position = 0
        while position < piece.count, !isComplete {
            let found = memchr(base + position, 0x0A, piece.count - position)
            let end = found.map { UnsafeRawPointer($0) - base } ?? piece.count
            extend(UnsafeRawBufferPointer(rebasing: piece[position..<end]))
            guard found != nil else { return }
            endLine()
            position = end + 1
        }
    }

    private mutating func extend(_ part: UnsafeRawBufferPointer) {
        guard let first = part.first, let base = part.baseAddress else { return }
        if line == 0 { isContinuation = first == 0x20 || first == 0x09 }
        if !hasColon { hasColon = memchr(base, 0x3A, part.count) != nil }
        endsWithCR = part[part.count - 1] == 0x0D
        line += part.count
    }

    private mutating func endLine() {
        let isEmpty = line == 0 || line == 1 && endsWithCR
        if isEmpty {
            finished += line + 1
            isComplete = true
        } else if !hasColon, !isContinuation {
            isComplete = true
        } else {
            finished += line + 1
        }
        (line, hasColon, isContinuation, endsWithCR) = (0, false, false, false)
    }
}
