/// Some facts about one message (RFC 3501 §7.4.2). What a server leaves out is nil: Zimbra cuts the line short when a message fails.
///
///     S: * 12 FETCH (UID 300 RFC822.SIZE 44827 BODY[HEADER.FIELDS (X-LAYOVER-ID)] {45}
public struct FetchResponse: Hashable, Sendable {
    public let sequenceNumber: UInt32
    public private(set) var uid: UID?
    /// RFC822.SIZE, in octets.
    public private(set) var size: UInt64?
    public private(set) var sections: [FetchedSection] = []

    public init(sequenceNumber: UInt32, uid: UID?, size: UInt64?, sections: [FetchedSection]) {
        self.sequenceNumber = sequenceNumber
        self.uid = uid
        self.size = size
        self.sections = sections
    }

    init(sequenceNumber: UInt32, parsing cursor: inout ResponseCursor) throws {
        self.sequenceNumber = sequenceNumber
        try cursor.expect("(")
        cursor.skipSpaces()
        while !cursor.take(")") {
            try takeItem(&cursor)
            cursor.skipSpaces()
        }
    }

    private mutating func takeItem(_ cursor: inout ResponseCursor) throws {
        let name = try cursor.keyword("fetch item")
        var section: String?
        if cursor.take("[") {
            section = ResponseCursor.uppercased(cursor.run { $0 != UInt8(ascii: "]") && $0 >= 0x20 })
            try cursor.expect("]")
            // `<0>` of a partial fetch
            _ = cursor.run { $0 > 0x20 && $0 != UInt8(ascii: ")") }
        }
        try cursor.expect(" ")
        switch (name, section) {
        case ("UID", nil): uid = try cursor.uid()
        case ("RFC822.SIZE", nil): size = try cursor.number("size")
        case ("BODY", .some(let section)):
            sections.append(FetchedSection(name: section, content: try cursor.optionalString("section")))
        default: try cursor.skipValue()
        }
    }
}
