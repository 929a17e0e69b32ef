/// What each server gives back for the octets that it was given, computed with none of Layover's own code.
public enum ServerByteRules {
    private static let (cr, lf) = (UInt8(0x0D), UInt8(0x0A))

    /// Dovecot: CRLF becomes LF on the way in, LF without CR becomes CRLF on the way out, a last CR is lost, NUL is shown as 0x80.
    public static func dovecot(_ bytes: [UInt8]) -> [UInt8] {
        var stored = Array(bytes.split(separator: [cr, lf], omittingEmptySubsequences: false).joined(separator: [lf]))
        if stored.last == cr { stored.removeLast() }
        return stored.indices.flatMap { index -> [UInt8] in
            switch stored[index] {
            case lf where index == 0 || stored[index - 1] != cr: [cr, lf]
            case 0: [0x80]
            default: [stored[index]]
            }
        }
    }

    /// Cyrus: `X` for each octet above 127 before the first empty line.
    public static func cyrus(_ bytes: [UInt8]) -> [UInt8] {
        let emptyLines = [[cr, lf, cr, lf], [lf, lf]].compactMap { bytes.firstRange(of: $0)?.lowerBound }
        let end = emptyLines.min() ?? bytes.count
        return bytes[..<end].map { $0 > 127 ? UInt8(ascii: "X") : $0 } + bytes[end...]
    }

    /// Courier: no CR is kept, every line ends with CRLF.
    public static func courier(_ bytes: [UInt8]) -> [UInt8] {
        var lines = bytes.filter { $0 != cr }.split(separator: lf, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.flatMap { $0 + [cr, lf] }
    }
}
