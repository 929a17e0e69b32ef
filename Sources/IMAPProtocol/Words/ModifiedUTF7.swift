/// IMAP's spelling of Unicode in folder names: printable ASCII stands for itself, `&` is `&-`, and the rest is UTF-16 in base 64 with
/// `,` for `/`, without padding, between `&` and `-` (RFC 3501 §5.1.3). `Entwürfe` is `Entw&APw-rfe`.
enum ModifiedUTF7 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,".utf8)
    private static let ampersand = UInt8(ascii: "&")
    private static let minus = UInt8(ascii: "-")

    static func encode(_ name: String) -> [UInt8] {
        var text: [UInt8] = []
        var shifted: [UInt16] = []
        func flush() {
            guard !shifted.isEmpty else { return }
            text.append(ampersand)
            appendBase64(shifted, to: &text)
            text.append(minus)
            shifted.removeAll()
        }
        for unit in name.utf16 {
            guard (0x20...0x7E).contains(unit) else {
                shifted.append(unit)
                continue
            }
            flush()
            text.append(UInt8(truncatingIfNeeded: unit))
            if unit == UInt16(ampersand) { text.append(minus) }
        }
        flush()
        return text
    }

    private static func appendBase64(_ units: [UInt16], to text: inout [UInt8]) {
        var (bits, held): (UInt32, Int) = (0, 0)
        for unit in units {
            bits = bits << 16 | UInt32(unit)
            held += 16
            while held >= 6 {
                held -= 6
                text.append(digits[Int(bits >> UInt32(held) & 63)])
            }
            bits &= (1 << UInt32(held)) - 1
        }
        if held > 0 { text.append(digits[Int(bits << UInt32(6 - held) & 63)]) }
    }

    /// Nil for anything that is not well-formed: an open shift, a byte outside base 64, leftover bits, a lone surrogate.
    static func decode(_ bytes: [UInt8]) -> String? {
        var units: [UInt16] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            guard (0x20...0x7E).contains(byte) else { return nil }
            guard byte == ampersand else {
                units.append(UInt16(byte))
                continue
            }
            guard let end = rest.firstIndex(of: minus) else { return nil }
            if end == rest.startIndex {
                units.append(UInt16(ampersand))
            } else {
                guard let shifted = decodeBase64(rest[..<end]) else { return nil }
                units += shifted
            }
            rest = rest[(end + 1)...]
        }
        return String(validating: units, as: UTF16.self)
    }

    private static func decodeBase64(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
        var units: [UInt16] = []
        var (bits, held): (UInt32, Int) = (0, 0)
        for byte in bytes {
            guard let value = digits.firstIndex(of: byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 16 {
                held -= 16
                units.append(UInt16(truncatingIfNeeded: bits >> UInt32(held)))
                bits &= (1 << UInt32(held)) - 1
            }
        }
        return held < 6 && bits == 0 ? units : nil
    }
}
