import MailModel

/// One `=?charset?B|Q?text?=` (RFC 2047 §2), decoded to bytes of its character set.
struct EncodedWord {
    private var characterSet: CharacterSet
    private var bytes: [UInt8]
    /// Octets of the source that it takes.
    let consumed: Int

    /// The longest word that is looked for. RFC 2047 allows 75 octets; mailers write more.
    private static let longest = 4_096

    /// Nil when `source` does not begin with a word of a known character set and encoding.
    init?(prefixOf source: ArraySlice<UInt8>) {
        let window = source.prefix(Self.longest)
        guard window.count > 6, window[window.startIndex + 1] == UInt8(ascii: "?") else { return nil }
        let name = window.dropFirst(2)
        guard let nameEnd = name.prefix(40).firstIndex(of: UInt8(ascii: "?")), nameEnd + 2 < window.endIndex,
            let set = CharacterSet(name: name[..<nameEnd]), window[nameEnd + 2] == UInt8(ascii: "?")
        else { return nil }
        let text = window[(nameEnd + 3)...]
        guard let end = Self.end(of: text) else { return nil }
        switch window[nameEnd + 1] | 0x20 {
        case UInt8(ascii: "b"): bytes = Self.base64(text[..<end])
        case UInt8(ascii: "q"): bytes = Self.quoted(text[..<end])
        default: return nil
        }
        characterSet = set
        consumed = end + 2 - source.startIndex
    }

    /// Where `?=` begins. A line end stops the search: a word never crosses lines.
    private static func end(of text: ArraySlice<UInt8>) -> Int? {
        var index = text.startIndex
        while index + 1 < text.endIndex {
            if text[index] == UInt8(ascii: "?") { return text[index + 1] == UInt8(ascii: "=") ? index : nil }
            if text[index] == 0x0a { return nil }
            index += 1
        }
        return nil
    }

    var text: String { characterSet.decode(bytes) }

    /// Takes the bytes of the word behind it when it is in the same character set; false otherwise.
    mutating func join(_ next: EncodedWord) -> Bool {
        guard next.characterSet == characterSet else { return false }
        bytes += next.bytes
        return true
    }

    /// RFC 2047 §4.2: `_` is a blank, `=XX` a byte. What is neither is taken as it stands.
    private static func quoted(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "="), index + 2 < text.endIndex,
                let high = Hexadecimal.value(of: text[index + 1]),
                let low = Hexadecimal.value(of: text[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(text[index] == UInt8(ascii: "_") ? 0x20 : text[index])
                index += 1
            }
        }
        return result
    }

    /// Lenient base64: bytes outside the alphabet are skipped, the first `=` ends it.
    private static func base64(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var (bits, count) = (UInt32(0), 0)
        for byte in text {
            let value: UInt32
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(byte - UInt8(ascii: "A"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(byte - UInt8(ascii: "a")) + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(byte - UInt8(ascii: "0")) + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="): return result
            default: continue
            }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return result
    }
}
