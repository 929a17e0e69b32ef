/// What stood where MAIL or RCPT should have had an address, for whoever has to find out why a mail did not come.
///
///     C: RCPT TO:<bob@example.com             recipient: <bob@example.com
public enum MisspeltPath: Hashable, Sendable {
    case sender(String)
    case recipient(String)

    /// The longest that is kept: a whole path and a word behind it.
    static let octets = 300

    /// Nil where the line is neither MAIL nor RCPT. `line` may be the beginning of one.
    init?(line: UnsafeRawBufferPointer) {
        var scanner = SMTPArgumentScanner(line, isASCII: false)
        let isSender = scanner.take(word: "MAIL")
        guard isSender || scanner.take(word: "RCPT") else { return nil }
        var rest = scanner.rest()
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")) { rest = rest[rest.index(after: colon)...] }
        while let first = rest.first, first == UInt8(ascii: " ") { rest = rest.dropFirst() }
        let text = Self.escaped(rest)
        self = isSender ? .sender(text) : .recipient(text)
    }

    /// Printable ASCII as it is, everything else as `\xNN`.
    private static func escaped(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        var text = ""
        for byte in bytes.prefix(octets) {
            if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "\\") {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += "\\x" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return bytes.count > octets ? text + "…" : text
    }
}
