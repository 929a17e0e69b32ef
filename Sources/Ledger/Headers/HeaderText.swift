/// Turns the raw value of an unstructured field into text for people: unfolded, encoded words decoded (RFC 2047), raw
/// 8-bit read as UTF-8 where it is UTF-8 and as Windows-1252 where it is not.
enum HeaderText {
    static func decode(_ value: ArraySlice<UInt8>) -> String {
        let value = trimmed(value)
        guard isEncoded(value) else { return tidy(RawText.decode(value)) }
        var result = ""
        var plain: [UInt8] = []
        // Encoded words that follow each other in one character set are joined before they are decoded: mailers cut
        // inside characters.
        var word: EncodedWord?
        var rest = value
        while !rest.isEmpty {
            guard rest.first == UInt8(ascii: "="), let next = EncodedWord(prefixOf: rest) else {
                let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "=")) ?? rest.endIndex
                plain += rest[..<end]
                rest = rest[end...]
                continue
            }
            rest = rest.dropFirst(next.consumed)
            if var previous = word, plain.allSatisfy(isBlank) {
                plain.removeAll()
                if previous.join(next) {
                    word = previous
                } else {
                    result += previous.text
                    word = next
                }
            } else {
                result += (word?.text ?? "") + RawText.decode(plain)
                plain.removeAll()
                word = next
            }
        }
        result += (word?.text ?? "") + RawText.decode(plain)
        return tidy(result)
    }

    private static func trimmed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let first = value.firstIndex(where: { $0 > 0x20 }), let last = value.lastIndex(where: { $0 > 0x20 })
        else { return [] }
        return value[first...last]
    }

    /// Whether there may be an encoded word.
    private static func isEncoded(_ value: ArraySlice<UInt8>) -> Bool {
        var before: UInt8 = 0
        for byte in value {
            if before == UInt8(ascii: "=") && byte == UInt8(ascii: "?") { return true }
            before = byte
        }
        return false
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a }

    /// Line ends go, other control characters become blanks, ends are trimmed, the length is capped.
    private static func tidy(_ text: String) -> String {
        if isTidy(text) { return text }
        var scalars = String.UnicodeScalarView()
        var count = 0
        var blanks = 0
        for scalar in text.unicodeScalars where scalar != "\r" && scalar != "\n" {
            if scalar.value <= 0x20 || (0x7f...0x9f).contains(scalar.value) {
                blanks += 1
                continue
            }
            if count > 0 {
                for _ in 0..<min(blanks, LedgerLimits.subjectScalars - count) { scalars.append(" ") }
                count += blanks
            }
            blanks = 0
            guard count < LedgerLimits.subjectScalars else { break }
            scalars.append(scalar)
            count += 1
        }
        return String(scalars)
    }

    /// Whether nothing is to be done, which most subjects can be told without looking at scalars.
    private static func isTidy(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.count <= LedgerLimits.subjectScalars, bytes.first != 0x20, bytes.last != 0x20 else { return false }
        // 0xC2 begins the controls from U+0080 to U+009F.
        return bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != 0xc2 }
    }
}
