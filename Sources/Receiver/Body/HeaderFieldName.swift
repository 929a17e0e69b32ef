/// The header fields that a receiver looks at while a message streams by.
enum HeaderFieldName {
    case received
    case authenticationResults
    /// One of the fields by which a gateway calls a message junk.
    case verdict

    /// What the beginning of a line is.
    enum Recognition {
        case field(HeaderFieldName)
        case endOfHeader
        case other
        /// More octets of the line are needed.
        case undecided
    }

    /// Between a name and its colon white space may stand (RFC 5322 §4.5): old, and still read by some. Behind so much of it the field is
    /// taken to be one, and is held like one.
    private static let spaceOctets = 64

    /// - Parameter verdicts: looked for as well.
    static func recognize(_ line: UnsafeRawBufferPointer, verdicts: [JunkField]) -> Recognition {
        let own = recognize(line)
        guard !verdicts.isEmpty, case .other = own else { return own }
        var isUndecided = false
        for verdict in verdicts {
            switch verdict.name.withUnsafeBufferPointer({ recognize(line, $0, .verdict) }) {
            case .undecided: isUndecided = true
            case .other: break
            case let found: return found
            }
        }
        return isUndecided ? .undecided : .other
    }

    private static func recognize(_ line: UnsafeRawBufferPointer) -> Recognition {
        switch line.first {
        case UInt8(ascii: "R"), UInt8(ascii: "r"): recognize(line, "received", .received)
        case UInt8(ascii: "A"), UInt8(ascii: "a"): recognize(line, "authentication-results", .authenticationResults)
        case UInt8(ascii: "\r"):
            line.count == 1 ? .undecided : line[1] == UInt8(ascii: "\n") ? .endOfHeader : .other
        case nil: .undecided
        default: .other
        }
    }

    private static func recognize(
        _ line: UnsafeRawBufferPointer, _ name: StaticString, _ field: HeaderFieldName
    ) -> Recognition {
        name.withUTF8Buffer { recognize(line, $0, field) }
    }

    /// - Parameter name: lower case.
    private static func recognize(
        _ line: UnsafeRawBufferPointer, _ name: UnsafeBufferPointer<UInt8>, _ field: HeaderFieldName
    ) -> Recognition {
        let length = name.count
        for index in 0..<min(length, line.count) {
            let byte = line[index]
            let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            guard lower == name[index] else { return .other }
        }
        guard line.count > length else { return .undecided }
        for byte in line[length...].prefix(spaceOctets) {
            if byte == UInt8(ascii: ":") { return .field(field) }
            guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") else { return .other }
        }
        return line.count - length < spaceOctets ? .undecided : .field(field)
    }
}
