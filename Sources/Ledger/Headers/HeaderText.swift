/// Turns the raw value of an unstructured field into text for people: unfolded, encoded words decoded (RFC 2047), raw
/// 8-bit read as UTF-8 where it is UTF-8 and as Windows-1252 where it is not.
enum HeaderText {
    static func decode(_ value: ArraySlice<UInt8>) -> String {
        var result = ""
        var plain: [UInt8] = []
        // Encoded words that follow each other in one character set are joined before they are decoded: mailers cut
        // inside characters.
        var word: EncodedWord?
        var rest = value
        while let first = rest.first {
            if first == UInt8(ascii: "="), let next = EncodedWord(prefixOf: rest) {
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
            } else {
                plain.append(first)
                rest = rest.dropFirst()
            }
        }
        result += (word?.text ?? "") + RawText.decode(plain)
        return tidy(result)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a }

    /// Line ends go, other control characters become blanks, ends are trimmed, the length is capped.
    private static func tidy(_ text: String) -> String {
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
}
