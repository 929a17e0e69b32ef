/// What the Ledger keeps of a message's header: Subject and Message-ID.
///
/// Takes whatever mail brings: no field, bare LF, no end of the header, NUL, any bytes. One pass, linear in the
/// header's length.
struct MessageHeader {
    /// Unfolded, decoded to text, without control characters, at most `LedgerLimits.subjectScalars` long. Nil where
    /// there is none.
    private(set) var subject: String?
    /// With its angle brackets, if it had them. Nil where there is none.
    private(set) var messageID: String?

    init(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            read(UnsafeRawBufferPointer(rebasing: buffer.prefix(LedgerLimits.headerOctets)))
        }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) {
        var lines = HeaderLines(bytes)
        while let field = lines.nextField() {
            if subject == nil, let value = Self.value(of: "subject", in: bytes[field]) {
                let text = HeaderText.decode(value)
                subject = text.isEmpty ? nil : text
            } else if messageID == nil, let value = Self.value(of: "message-id", in: bytes[field]) {
                messageID = Self.messageID(value)
            }
            if subject != nil && messageID != nil { return }
        }
    }

    /// The bytes after `name` and the colon, folds included; nil for another field.
    private static func value(of name: StaticString, in field: Slice<UnsafeRawBufferPointer>) -> ArraySlice<UInt8>? {
        let count = name.utf8CodeUnitCount
        guard field.count > count else { return nil }
        var index = field.startIndex
        for offset in 0..<count {
            guard field[index] | 0x20 == name.utf8Start[offset] | 0x20 else { return nil }
            index += 1
        }
        // RFC 5322 §4.5: obsolete syntax allows blanks before the colon.
        while index < field.endIndex, field[index] == 0x20 || field[index] == 0x09 { index += 1 }
        guard index < field.endIndex, field[index] == UInt8(ascii: ":") else { return nil }
        return Array(field[(index + 1)...])[...]
    }

    private static func messageID(_ value: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = []
        for byte in value where byte > 0x20 && byte != 0x7f {
            bytes.append(byte)
            if bytes.count == LedgerLimits.messageIDOctets || byte == UInt8(ascii: ">") { break }
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
