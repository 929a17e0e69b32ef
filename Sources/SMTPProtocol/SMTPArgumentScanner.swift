/// A position in one command line, moved forward only. Every look ahead is checked against the end of the line.
struct SMTPArgumentScanner {
    private let line: UnsafeRawBufferPointer
    private(set) var position = 0
    /// The line holds ASCII only; otherwise it is UTF-8.
    let isASCII: Bool

    init(_ line: UnsafeRawBufferPointer, isASCII: Bool) {
        self.line = line
        self.isASCII = isASCII
    }

    var isAtEnd: Bool { position >= line.count }

    /// The octet at the position; nil at the end.
    var next: UInt8? { position < line.count ? line[position] : nil }

    mutating func advance() {
        if position < line.count { position += 1 }
    }

    /// Steps over the octet if it comes next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// Steps over a word given in upper case, if it comes next in any case.
    mutating func take(word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard line.count - position >= count else { return false }
        for index in 0..<count {
            let byte = line[position + index]
            let upper = (0x61...0x7A).contains(byte) ? byte & 0xDF : byte
            guard upper == word.utf8Start[index] else { return false }
        }
        position += count
        return true
    }

    mutating func skipSpaces() {
        while let byte = next, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position += 1 }
    }

    /// Steps to the next space or to the end and returns what lies between.
    mutating func word() -> Slice<UnsafeRawBufferPointer> {
        let start = position
        while let byte = next, byte != UInt8(ascii: " "), byte != UInt8(ascii: "\t") { position += 1 }
        return line[start..<position]
    }

    /// What lies between an earlier position and this one.
    func text(from start: Int) -> String {
        guard start >= 0, start <= position else { return "" }
        return String(decoding: line[start..<position], as: UTF8.self)
    }

    /// Between an earlier position and this one stands something else than ASCII.
    func isInternational(from start: Int) -> Bool {
        !isASCII && start >= 0 && start <= position && line[start..<position].contains { $0 >= 0x80 }
    }

    /// The rest of the line without the spaces around it.
    mutating func rest() -> Slice<UnsafeRawBufferPointer> {
        skipSpaces()
        var end = line.count
        while end > position, line[end - 1] == UInt8(ascii: " ") || line[end - 1] == UInt8(ascii: "\t") { end -= 1 }
        defer { position = line.count }
        return line[position..<end]
    }
}
