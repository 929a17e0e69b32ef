#if canImport(Glibc)
import Glibc
#endif

/// Counts the servers that a message has passed, to stop one that goes round in circles (RFC 5321 §6.3).
enum HopCount {
    /// Nobody's trace lines are longer; a body that looks like a header without end is not searched to its end.
    private static let searchedBytes = 256 << 10

    /// `Received:` lines in the header that `message` begins with.
    static func of(_ message: UnsafeRawBufferPointer) -> Int {
        let end = min(message.count, searchedBytes)
        guard let base = message.baseAddress else { return 0 }
        var (line, count) = (0, 0)
        while line < end {
            if isTraceLine(base + line, end - line) { count += 1 }
            guard let found = memchr(base + line, Int32(UInt8(ascii: "\n")), end - line) else { break }
            let next = UnsafeRawPointer(found) - base + 1
            // CRLF alone ends the header.
            if next - line <= 2 { break }
            line = next
        }
        return count
    }

    private static func isTraceLine(_ line: UnsafeRawPointer, _ count: Int) -> Bool {
        let name: StaticString = "received:"
        guard count >= name.utf8CodeUnitCount else { return false }
        return strncasecmp(
            line.assumingMemoryBound(to: CChar.self),
            UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self), name.utf8CodeUnitCount) == 0
    }
}
