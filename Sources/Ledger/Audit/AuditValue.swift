/// One field of a row, in the forms that the formats need.
enum AuditValue {
    case text(String?)
    case number(Int64?)
    case flag(Bool)

    var json: String {
        switch self {
        case .text(let text): JSONText.string(text)
        case .number(let number): JSONText.number(number)
        case .flag(let isSet): isSet ? "true" : "false"
        }
    }

    /// RFC 4180: quoted where it must be; empty where nothing is known.
    var csv: String {
        switch self {
        case .number(let number): return number.map(String.init) ?? ""
        case .flag(let isSet): return isSet ? "true" : "false"
        case .text(let text):
            guard let text else { return "" }
            let needsQuotes = text.utf8.contains {
                $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0a || $0 == 0x0d
                    || $0 == UInt8(ascii: ";")
            }
            // A spreadsheet must not take what a sender wrote for a formula.
            let guarded = text.first.map { "=+-@\t".contains($0) } == true ? "'" + text : text
            return needsQuotes || guarded != text ? "\"\(guarded.replacing("\"", with: "\"\""))\"" : guarded
        }
    }
}
