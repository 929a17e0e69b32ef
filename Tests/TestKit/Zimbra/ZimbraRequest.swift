/// A request as it stands on the wire: words, quoted strings, lists and literals, after its tag.
struct ZimbraRequest: Sendable {
    enum Part: Sendable, Equatable {
        case word(String)
        case string([UInt8])
        case list([Part])

        var text: String? {
            switch self {
            case .word(let text): text
            case .string(let bytes): String(decoding: bytes, as: UTF8.self)
            case .list: nil
            }
        }

        var bytes: [UInt8]? { if case .string(let bytes) = self { bytes } else { nil } }
        var words: [String] { if case .list(let parts) = self { parts.compactMap(\.text) } else { [] } }
    }

    let tag: String
    let name: String
    let arguments: [Part]

    /// Nil where it makes no sense. `lines` are the pieces of the request between its `literals`.
    init?(lines: [[UInt8]], literals: [[UInt8]]) {
        var parser = ZimbraRequestParser(lines: lines, literals: literals)
        guard let parts = parser.parts(), parts.count >= 2, let tag = parts[0].text, let name = parts[1].text else {
            return nil
        }
        self.tag = tag
        let upper = name.uppercased()
        if upper == "UID", parts.count > 2, let second = parts[2].text {
            self.name = "UID " + second.uppercased()
            arguments = Array(parts[3...])
        } else {
            self.name = upper
            arguments = Array(parts[2...])
        }
    }
}

private struct ZimbraRequestParser {
    private let lines: [[UInt8]]
    private let literals: [[UInt8]]
    private var line = 0
    private var offset = 0

    init(lines: [[UInt8]], literals: [[UInt8]]) { (self.lines, self.literals) = (lines, literals) }

    private var next: UInt8? { offset < lines[line].count ? lines[line][offset] : nil }

    mutating func parts(until end: UInt8? = nil) -> [ZimbraRequest.Part]? {
        var found: [ZimbraRequest.Part] = []
        while let byte = next {
            switch byte {
            case end: offset += 1; return found
            case UInt8(ascii: " "): offset += 1
            case UInt8(ascii: "("):
                offset += 1
                guard let inner = parts(until: UInt8(ascii: ")")) else { return nil }
                found.append(.list(inner))
            case UInt8(ascii: "\""):
                guard let text = quoted() else { return nil }
                found.append(.string(text))
            case UInt8(ascii: "{"), UInt8(ascii: "~"):
                // A literal ends its line; the next line goes on behind its octets.
                guard line < literals.count, line + 1 < lines.count else { return nil }
                found.append(.string(literals[line]))
                (line, offset) = (line + 1, 0)
            default: found.append(.word(word()))
            }
        }
        return end == nil ? found : nil
    }

    private mutating func quoted() -> [UInt8]? {
        offset += 1
        var text: [UInt8] = []
        while let byte = next {
            offset += 1
            if byte == UInt8(ascii: "\"") { return text }
            // Quoted strings hold 7 bits (imap-targets 1.2).
            guard byte < 0x80 else { return nil }
            if byte == UInt8(ascii: "\\"), let escaped = next {
                text.append(escaped); offset += 1
            } else {
                text.append(byte)
            }
        }
        return nil
    }

    /// Up to a blank or a bracket; `BODY.PEEK[HEADER.FIELDS (…)]` is one word.
    private mutating func word() -> String {
        var bytes: [UInt8] = []
        var depth = 0
        while let byte = next {
            if depth == 0, [UInt8(ascii: " "), UInt8(ascii: "("), UInt8(ascii: ")")].contains(byte) { break }
            if byte == UInt8(ascii: "[") { depth += 1 }
            if byte == UInt8(ascii: "]") { depth -= 1 }
            bytes.append(byte)
            offset += 1
        }
        // A lone bracket that closes nothing would never be passed.
        if bytes.isEmpty { offset += 1 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
