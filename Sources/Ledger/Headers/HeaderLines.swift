#if canImport(Glibc)
import Glibc
#endif

/// Cuts a header block into its fields, folded lines included (RFC 5322 §2.2.3). Lines may end in CRLF or LF.
struct HeaderLines {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The range of the next field without its last line end; nil at the empty line or the end.
    mutating func nextField() -> Range<Int>? {
        let start = position
        guard start < bytes.count, !isEmptyLine(at: start) else { return nil }
        var end = lineEnd(from: start)
        while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x09 { end = lineEnd(from: end) }
        position = end
        return start..<end
    }

    private func isEmptyLine(at index: Int) -> Bool {
        bytes[index] == 0x0a || (bytes[index] == 0x0d && index + 1 < bytes.count && bytes[index + 1] == 0x0a)
    }

    /// The index behind the next LF, or the end.
    private func lineEnd(from index: Int) -> Int {
        guard let base = bytes.baseAddress, index < bytes.count,
            let found = memchr(base + index, 0x0a, bytes.count - index)
        else {
            return bytes.count
        }
        return UnsafeRawPointer(found) - base + 1
    }
}
