/// The character sets in which nearly all encoded headers are written.
enum CharacterSet: Hashable {
    case utf8
    /// Also ISO-8859-1, whose control characters nobody means (WHATWG Encoding §4.2).
    case windows1252
    case iso8859_15

    /// Takes the name in any case, with a language after `*` (RFC 2231 §5). Nil for other sets.
    init?(name: some Sequence<UInt8>) {
        let text = String(decoding: name.prefix { $0 != UInt8(ascii: "*") }, as: UTF8.self).lowercased()
        switch text {
        case "utf-8", "utf8", "us-ascii", "ascii": self = .utf8
        case "iso-8859-1", "iso8859-1", "latin1", "windows-1252", "cp1252": self = .windows1252
        case "iso-8859-15", "iso8859-15", "latin9": self = .iso8859_15
        default: return nil
        }
    }

    /// Bytes that are not of the set become U+FFFD.
    func decode(_ bytes: some Sequence<UInt8>) -> String {
        switch self {
        case .utf8: return String(decoding: Array(bytes), as: UTF8.self)
        case .windows1252: return Self.decode(bytes, Self.windows1252Scalar)
        case .iso8859_15: return Self.decode(bytes, Self.iso885915Scalar)
        }
    }

    private static func decode(_ bytes: some Sequence<UInt8>, _ scalar: (UInt8) -> Unicode.Scalar) -> String {
        var scalars = String.UnicodeScalarView()
        for byte in bytes { scalars.append(scalar(byte)) }
        return String(scalars)
    }

    private static func windows1252Scalar(_ byte: UInt8) -> Unicode.Scalar {
        (0x80...0x9f).contains(byte) ? high1252[Int(byte) - 0x80] : Unicode.Scalar(byte)
    }

    private static func iso885915Scalar(_ byte: UInt8) -> Unicode.Scalar {
        switch byte {
        case 0xa4: "€"
        case 0xa6: "Š"
        case 0xa8: "š"
        case 0xb4: "Ž"
        case 0xb8: "ž"
        case 0xbc: "Œ"
        case 0xbd: "œ"
        case 0xbe: "Ÿ"
        default: Unicode.Scalar(byte)
        }
    }

    /// 0x80…0x9F of Windows-1252; U+FFFD for the five places that it leaves open.
    private static let high1252: [Unicode.Scalar] = [
        "€", "\u{fffd}", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", "\u{fffd}", "Ž", "\u{fffd}",
        "\u{fffd}", "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", "\u{fffd}", "ž", "Ÿ",
    ]
}
