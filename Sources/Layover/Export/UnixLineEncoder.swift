#if canImport(Glibc)
import Glibc
#endif

/// Makes LF of every CRLF, in pieces; for mboxrd it also puts a `>` before each line that is `From ` behind any number of `>`.
///
///     >From the start\r\n        >>From the start\n
///
/// mboxrd: http://qmail.org/man/man5/mbox.html and RFC 4155 (which leaves the quoting open).
struct UnixLineEncoder {
    private enum Place: Equatable {
        /// At the start of a line, behind nothing but `>`.
        case start
        /// So many octets of `From ` stand here, and wait.
        case matching(Int)
        case inside
    }

    private static let word = Array("From ".utf8)

    private let quotesFrom: Bool
    private var place = Place.start
    /// The last octet was a CR, and waits.
    private var hasCarriageReturn = false

    init(quotesFrom: Bool) { self.quotesFrom = quotesFrom }

    /// Whether the last line has its end.
    var isAtLineStart: Bool { place == .start && !hasCarriageReturn && !isBehindMarks }
    private var isBehindMarks = false

    mutating func encode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        var index = 0
        while index < bytes.count {
            if place == .inside && !hasCarriageReturn {
                index = copyLine(bytes, from: index, into: &output)
            } else {
                encode(bytes[index], into: &output)
                index += 1
            }
        }
    }

    /// Ends the message: what waits is written, and a last line without an end gets one.
    mutating func finish(into output: inout [UInt8]) {
        if hasCarriageReturn { output.append(UInt8(ascii: "\r")) }
        if case .matching(let count) = place { output += Self.word[..<count] }
        if !isAtLineStart { output.append(UInt8(ascii: "\n")) }
        (place, hasCarriageReturn, isBehindMarks) = (.start, false, false)
    }

    /// Copies up to the end of the line in one go. Returns where to go on.
    private mutating func copyLine(_ bytes: UnsafeRawBufferPointer, from start: Int, into output: inout [UInt8]) -> Int
    {
        guard let base = bytes.baseAddress else { return bytes.count }
        let found = memchr(base + start, 0x0A, bytes.count - start)
        let end = found.map { UnsafeRawPointer($0) - base } ?? bytes.count
        let endsWithReturn = end > start && bytes[end - 1] == 0x0D
        output.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<(endsWithReturn ? end - 1 : end)]))
        guard found != nil else {
            hasCarriageReturn = endsWithReturn
            return end
        }
        endLine(into: &output)
        return end + 1
    }

    private mutating func endLine(into output: inout [UInt8]) {
        output.append(0x0A)
        (place, hasCarriageReturn, isBehindMarks) = (.start, false, false)
    }

    private mutating func encode(_ byte: UInt8, into output: inout [UInt8]) {
        if hasCarriageReturn {
            if byte == 0x0A { return endLine(into: &output) }
            output.append(0x0D)
            hasCarriageReturn = false
            place = .inside
        }
        switch place {
        case .start where byte == UInt8(ascii: ">"):
            isBehindMarks = true
            output.append(byte)
        case .start where quotesFrom && byte == Self.word[0]: place = .matching(1)
        case .matching(let count) where byte == Self.word[count]:
            place = .matching(count + 1)
            guard count + 1 == Self.word.count else { return }
            output.append(UInt8(ascii: ">"))
            output += Self.word
            place = .inside
        case .matching(let count):
            output += Self.word[..<count]
            place = .inside
            plain(byte, into: &output)
        case .start, .inside: plain(byte, into: &output)
        }
    }

    /// An octet that is no part of a mark.
    private mutating func plain(_ byte: UInt8, into output: inout [UInt8]) {
        switch byte {
        case 0x0A: endLine(into: &output)
        case 0x0D:
            hasCarriageReturn = true
        default:
            output.append(byte)
            place = .inside
        }
    }
}
