import MailModel

/// Reads the records of one file in order, stepping over damage by the next believable header.
struct RecordScanner {
    /// One step of the scan.
    enum Item {
        /// A record whose header and envelope are as they were written (and its bytes, if they were asked for).
        case record(ScannedRecord)
        /// Bytes that are no whole record. `synced` is the field of the header among them, if one could be believed.
        case damage(offset: Int, length: Int, finding: String, synced: Int)
    }

    private static let windowSize = 1 << 20

    private let file: any SpoolFile
    let nonce: [UInt8]
    private let verifiesMessages: Bool
    private let end: Int
    private let hasher = SHA256Hasher()
    private var window: [UInt8] = []
    private var windowOffset = 0
    /// Where the next record ought to begin.
    private(set) var offset: Int

    /// - Parameter end: where to stop, at most the file's size.
    /// - Parameter verifiesMessages: also compare the digest of the message bytes.
    init(file: any SpoolFile, nonce: [UInt8], from offset: Int, end: Int, verifiesMessages: Bool) {
        self.file = file
        self.nonce = nonce
        self.offset = offset
        self.end = end
        self.verifiesMessages = verifiesMessages
    }

    /// Nil at the end.
    mutating func next() throws -> Item? {
        guard offset < end else { return nil }
        let start = offset
        guard let header = try header(at: start) else { return try damage(from: start, "no record header", synced: 0) }
        guard header.recordLength <= end - start else {
            return try damage(from: start, "a record cut short", synced: header.synced)
        }
        let bodyLength = verifiesMessages && header.kind == .message ? header.messageLength : 0
        try fill(start, RecordHeader.length + header.envelopeLength + bodyLength)
        // The header is believed on its own, so its lengths lead to the next record, past whatever the message quotes.
        offset = start + header.recordLength
        let isSound = try view(start, RecordHeader.length + header.envelopeLength + bodyLength) {
            header.isSound(in: $0, verifiesMessage: verifiesMessages, hasher: hasher)
        }
        guard isSound else {
            return .damage(
                offset: start, length: header.recordLength, finding: "a damaged record, \(header.nameText)",
                synced: header.synced)
        }
        return .record(ScannedRecord(header: header, offset: start))
    }

    /// The bytes of the record last returned, from its envelope on: `count` of them or fewer at the end.
    mutating func withBytes<Result>(
        of record: ScannedRecord, from skip: Int, count: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        let start = record.offset + RecordHeader.length + skip
        try fill(start, count)
        return try view(start, count, body)
    }

    /// The header that begins there; nil where there is none that can be believed.
    mutating func header(at start: Int) throws -> RecordHeader? {
        guard end - start >= RecordHeader.length else { return nil }
        try fill(start, RecordHeader.length)
        return try view(start, RecordHeader.length) { RecordHeader.parse($0, nonce: nonce, hasher: hasher) }
    }

    /// Damage from `start` to the next believable header, or to the end.
    private mutating func damage(from start: Int, _ finding: String, synced: Int) throws -> Item {
        offset = try nextHeader(after: start) ?? end
        return .damage(offset: start, length: offset - start, finding: finding, synced: synced)
    }

    private mutating func nextHeader(after start: Int) throws -> Int? {
        let mark = RecordHeader.magic + nonce
        var from = start + 1
        while from + RecordHeader.length <= end {
            try fill(from, min(Self.windowSize, end - from))
            let found = try view(from, min(Self.windowSize, end - from)) { $0.index(of: mark, from: 0) }
            guard let found else {
                from += max(1, min(Self.windowSize, end - from) - mark.count)
                continue
            }
            if try header(at: from + found) != nil { return from + found }
            from += found + 1
        }
        return nil
    }

    /// Makes the window hold `count` bytes from `start` on, as far as the file goes.
    private mutating func fill(_ start: Int, _ count: Int) throws {
        let wanted = min(count, end - start)
        if start >= windowOffset, start + wanted <= windowOffset + window.count { return }
        window = try file.read(min(max(wanted, Self.windowSize), end - start), at: start)
        windowOffset = start
        guard window.count >= wanted else {
            throw SpoolError(code: .io, message: "a spool file became shorter while it was read")
        }
    }

    private func view<Result>(_ start: Int, _ count: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) throws
        -> Result
    {
        let from = start - windowOffset
        let to = min(from + count, window.count)
        return try window.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[from..<to])) }
    }
}

/// A record that the scanner has found whole.
struct ScannedRecord {
    var header: RecordHeader
    /// Where its header begins in the file.
    var offset: Int
}
