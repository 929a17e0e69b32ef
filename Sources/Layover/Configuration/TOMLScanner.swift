/// A cursor over the bytes of a TOML text that knows its line. Lenient: it separates tokens and checks nothing.
struct TOMLScanner {
    private let bytes: [UInt8]
    private(set) var position = 0
    /// Counted from 1.
    private(set) var line = 1

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func byte(after offset: Int) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private mutating func advance() {
        if current == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    /// Skips blanks, line ends and comments. False at the end of the text.
    mutating func skipToContent() -> Bool {
        while let byte = current {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): advance()
            case UInt8(ascii: "#"): skipLine()
            default: return true
            }
        }
        return false
    }

    /// To the beginning of the next line.
    mutating func skipLine() {
        while let byte = current {
            advance()
            if byte == UInt8(ascii: "\n") { return }
        }
    }

    private mutating func skipBlanks() {
        while current == UInt8(ascii: " ") || current == UInt8(ascii: "\t") { advance() }
    }

    /// Takes the byte, with the blanks around it, if it comes next on this line.
    mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard current == byte else { return false }
        advance()
        skipBlanks()
        return true
    }

    /// `[a.b]` or `[[a.b]]`; empty when the key in it cannot be read; nil, with nothing taken but blanks, when no
    /// header stands here.
    mutating func tableHeader() -> [String]? {
        guard take(UInt8(ascii: "[")) else { return nil }
        _ = take(UInt8(ascii: "["))
        let key = dottedKey() ?? []
        skipLine()
        return key
    }

    /// `a."b c".d`; nil when no key stands here.
    mutating func dottedKey() -> [String]? {
        var components: [String] = []
        repeat {
            guard let component = keyComponent() else { return components.isEmpty ? nil : components }
            components.append(component)
        } while take(UInt8(ascii: "."))
        return components
    }

    private mutating func keyComponent() -> String? {
        skipBlanks()
        if let quote = current, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") { return quotedText(quote) }
        let start = position
        while let byte = current, byte.isBareKeyByte { advance() }
        return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
    }

    /// What stands between two quotes on one line; of escapes only `\"` and `\\` are resolved, as no key needs others.
    private mutating func quotedText(_ quote: UInt8) -> String {
        var text: [UInt8] = []
        advance()
        while let byte = current, byte != quote, byte != UInt8(ascii: "\n") {
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") { advance() }
            if let literal = current, literal != UInt8(ascii: "\n") {
                text.append(literal)
                advance()
            }
        }
        if current == quote { advance() }
        return String(decoding: text, as: UTF8.self)
    }

    /// A string of any of the four kinds, a number, a date, a boolean.
    mutating func skipScalar() {
        guard let first = current else { return }
        guard first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") else { return skipBareValue() }
        if byte(after: 1) == first, byte(after: 2) == first { return skipMultilineString(first) }
        _ = quotedText(first)
    }

    private mutating func skipBareValue() {
        let ends: [UInt8] = [
            UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#"), UInt8(ascii: "\n"),
        ]
        while let byte = current, !ends.contains(byte) { advance() }
    }

    private mutating func skipMultilineString(_ quote: UInt8) {
        for _ in 0..<3 { advance() }
        while let byte = current {
            if byte == quote, self.byte(after: 1) == quote, self.byte(after: 2) == quote {
                // Up to two more quotes belong to the string itself: `""""a"""""`.
                while current == quote { advance() }
                return
            }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") { advance() }
            advance()
        }
    }
}
