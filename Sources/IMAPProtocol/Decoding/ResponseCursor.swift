/// Reads the text of one response from left to right. Every method stays inside the text whatever a server wrote.
struct ResponseCursor {
    private let text: [UInt8]
    private let literals: [IMAPLiteral]
    let limits: IMAPLimits
    private(set) var position = 0
    private var nextLiteral = 0

    init(text: [UInt8], literals: [IMAPLiteral], limits: IMAPLimits) {
        self.text = text
        self.literals = literals
        self.limits = limits
    }

    var isAtEnd: Bool { position >= text.count }

    var next: UInt8? { position < text.count ? text[position] : nil }

    func failure(_ expected: String) -> IMAPParseError { IMAPParseError(expected: expected, position: position) }

    /// Steps over `byte` if it is next.
    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard let next, next == UInt8(truncatingIfNeeded: byte.value) else { return false }
        position += 1
        return true
    }

    mutating func expect(_ byte: Unicode.Scalar) throws {
        guard take(byte) else { throw failure("'\(byte)'") }
    }

    /// Steps over spaces; some servers send two, or one before the end.
    mutating func skipSpaces() {
        while take(" ") {}
    }

    /// Takes bytes while `belongs`; may be none.
    mutating func run(while belongs: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = position
        while position < text.count, belongs(text[position]) { position += 1 }
        return text[start..<position]
    }

    /// Everything up to a space, bracket, quote or control character, at least one byte.
    mutating func atom(_ noun: String) throws -> ArraySlice<UInt8> {
        let bytes = run { $0 > 0x20 && $0 != 0x7F && !Self.isSpecial($0) }
        guard !bytes.isEmpty else { throw failure(noun) }
        return bytes
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
            UInt8(ascii: "\""):
            true
        default: false
        }
    }

    /// An atom in upper case, for comparing.
    mutating func keyword(_ noun: String) throws -> String { Self.uppercased(try atom(noun)) }

    static func uppercased(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }, as: UTF8.self)
    }

    /// A decimal number of 64 bits.
    mutating func number(_ noun: String) throws -> UInt64 {
        let digits = run { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { throw failure(noun) }
        var value: UInt64 = 0
        for digit in digits {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(digit - 0x30))
            guard !overflow, !carry else { throw failure(noun) }
            value = sum
        }
        return value
    }

    mutating func number32(_ noun: String) throws -> UInt32 {
        guard let value = UInt32(exactly: try number(noun)) else { throw failure(noun) }
        return value
    }

    mutating func uid() throws -> UID {
        guard let uid = UID(try number32("uid")) else { throw failure("uid above 0") }
        return uid
    }

    /// A string or NIL; nil for NIL.
    mutating func optionalString(_ noun: String) throws -> IMAPLiteral? {
        switch next {
        case UInt8(ascii: "\""): return .kept(try quoted())
        case UInt8(ascii: "{"), UInt8(ascii: "~"): return try literal()
        default:
            guard try keyword(noun) == "NIL" else { throw failure(noun) }
            return nil
        }
    }

    /// A string whose bytes are needed: quoted, a kept literal, or an atom (RFC 3501 §9, astring).
    mutating func astring(_ noun: String) throws -> [UInt8] {
        switch next {
        case UInt8(ascii: "\""): return try quoted()
        case UInt8(ascii: "{"), UInt8(ascii: "~"):
            guard case .kept(let bytes) = try literal() else { throw failure("a shorter \(noun)") }
            return bytes
        default:
            // In an astring `]` may stand.
            let bytes = run { $0 > 0x20 && $0 != 0x7F && ($0 == UInt8(ascii: "]") || !Self.isSpecial($0)) }
            guard !bytes.isEmpty else { throw failure(noun) }
            return Array(bytes)
        }
    }

    private mutating func quoted() throws -> [UInt8] {
        try expect("\"")
        var bytes: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return bytes
            case UInt8(ascii: "\\"):
                guard let escaped = next, escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") else {
                    throw failure("quoted character")
                }
                position += 1
                bytes.append(escaped)
            case 0, 0x0D: throw failure("quoted string")
            default: bytes.append(byte)
            }
        }
        throw failure("closing quote")
    }

    private mutating func literal() throws -> IMAPLiteral {
        _ = take("~")
        try expect("{")
        _ = run { (0x30...0x39).contains($0) }
        _ = take("+")
        try expect("}")
        try expect("\r")
        try expect("\n")
        guard nextLiteral < literals.count else { throw failure("literal") }
        nextLiteral += 1
        return literals[nextLiteral - 1]
    }

    /// Steps over one value of any kind, lists and all.
    mutating func skipValue() throws {
        var depth = 0
        repeat {
            skipSpaces()
            switch next {
            case UInt8(ascii: "("):
                position += 1
                depth += 1
                guard depth <= limits.nesting else {
                    throw ExceededMaximumNestingError(actualCount: depth, maximumCount: limits.nesting)
                }
            case UInt8(ascii: ")") where depth > 0:
                position += 1
                depth -= 1
            case UInt8(ascii: "\""): _ = try quoted()
            case UInt8(ascii: "{"): _ = try literal()
            default: _ = try astring("value")
            }
        } while depth > 0
    }

    /// What is left, for people: what could steer a terminal is shown as `?`, and of a long text only the beginning is.
    mutating func remainingText() -> String {
        let bytes = run { _ in true }
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            guard text.count < Self.textLength else {
                text.append("…")
                break
            }
            // The control characters of ASCII and those of Latin-1, which some terminals obey as well.
            text.append(scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? "?" : scalar)
        }
        return String(text)
    }

    /// Characters of a text for people.
    private static let textLength = 1000
}
