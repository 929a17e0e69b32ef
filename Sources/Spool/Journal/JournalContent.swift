import MailModel

/// The content of a journal record: a salt, then the act as `Name: value` lines.
///
/// Values are escaped (`\\`, `\n`, `\r`), so that head lines and reasons stay on one line.
enum JournalContent {
    struct Meaning {
        var at: Timestamp
        var by: String
        /// Nil for a kind that this version does not know.
        var act: JournalAct?
    }

    static func encode(_ act: JournalAct, at: Timestamp, by: String) -> [UInt8] {
        var writer = JournalFieldWriter()
        // The salt keeps the digest of erased content from being guessed.
        let salt =
            Hexadecimal.encode(UInt64.random(in: .min ... .max)) + Hexadecimal.encode(UInt64.random(in: .min ... .max))
        writer.add("Salt", String(decoding: salt, as: UTF8.self))
        writer.add("At", at.rfc3339)
        writer.add("By", by)
        act.encode(into: &writer)
        return writer.bytes + [lineFeed]
    }

    /// Nil where the content is blank: erased by law.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> Meaning? {
        var reader = JournalFieldReader(bytes)
        guard reader.text("Salt") != nil else { return nil }
        let at = reader.text("At").flatMap(Timestamp.init(rfc3339:)) ?? Timestamp(milliseconds: 0)
        let by = reader.text("By") ?? ""
        return Meaning(at: at, by: by, act: JournalAct(from: &reader))
    }
}

/// Writes escaped `Name: value` lines.
struct JournalFieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ name: StaticString, _ value: some Sequence<UInt8>) {
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: ":"))
        bytes.append(space)
        for byte in value {
            switch byte {
            case UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
            case lineFeed: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            default: bytes.append(byte)
            }
        }
        bytes.append(lineFeed)
    }

    mutating func add(_ name: StaticString, _ value: String) { add(name, value.utf8) }
    mutating func add(_ name: StaticString, _ number: some BinaryInteger) { add(name, String(number)) }
    mutating func add(_ name: StaticString, all values: [String]) { for value in values { add(name, value) } }
}

/// Reads the lines back, in any order; lines of one name keep theirs.
struct JournalFieldReader {
    private(set) var fields: [(name: String, value: [UInt8])] = []

    init(_ bytes: UnsafeRawBufferPointer) {
        var start = 0
        while let end = bytes.index(of: lineFeed, from: start), end > start {
            let lineStart = start
            start = end + 1
            guard let colon = bytes.index(of: UInt8(ascii: ":"), from: lineStart), colon < end else { continue }
            // One space follows the colon.
            let value = Self.unescape(UnsafeRawBufferPointer(rebasing: bytes[min(colon + 2, end)..<end]))
            fields.append((String(decoding: bytes[lineStart..<colon], as: UTF8.self), value))
        }
    }

    private static func unescape(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        guard bytes.index(of: UInt8(ascii: "\\"), from: 0) != nil else { return Array(bytes) }
        var value: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                value.append(
                    byte == UInt8(ascii: "n") ? lineFeed : byte == UInt8(ascii: "r") ? UInt8(ascii: "\r") : byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                value.append(byte)
            }
        }
        return value
    }

    func bytes(_ name: String) -> [UInt8]? { fields.first { $0.name == name }?.value }
    func text(_ name: String) -> String? { bytes(name).map { String(decoding: $0, as: UTF8.self) } }
    func all(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
    }
    func number<Number: FixedWidthInteger>(_ name: String) -> Number? { text(name).flatMap { Number($0) } }
    func id(_ name: String) -> MessageID? { text(name).flatMap { MessageID($0) } }
    func ids(_ name: String) -> [MessageID] { all(name).compactMap { MessageID($0) } }
}
