import MailModel

/// Where in the journal it stands what is kept of messages whose bytes were given back, by segment.
///
/// Places, not messages: there may be millions of these.
public struct ReclaimedActs: Hashable, Sendable {
    /// In the order of the journal.
    public private(set) var positions: [Int: [JournalPosition]] = [:]

    public init() {}

    public mutating func add(_ position: JournalPosition, segment: Int) {
        positions[segment, default: []].append(position)
    }

    /// The first segment at or behind `segment` that anything was reclaimed of.
    public func segment(from segment: Int) -> Int? { positions.keys.filter { $0 >= segment }.min() }

    public mutating func merge(_ other: ReclaimedActs) {
        positions.merge(other.positions) { $0 + $1 }
    }
}

extension Journal {
    /// The `reclaimed` acts from `from` to `end`. Other acts are stepped over without being decoded.
    public func reclaimedActs(from: JournalPosition, end: JournalPosition) throws -> ReclaimedActs {
        try journalReader.reclaimedActs(from: from, end: end)
    }
}

extension JournalReader {
    func reclaimedActs(from: JournalPosition, end: JournalPosition) throws -> ReclaimedActs {
        var acts = ReclaimedActs()
        for number in try fileSystem.numbers(in: layout.journal, suffix: ".jnl")
        where number >= from.file && number <= end.file {
            let file = try fileSystem.open(layout.journalFile(number), .readOnly)
            let size = try min(number == end.file ? end.offset : .max, file.size())
            let start = max(number == from.file ? from.offset : 0, FileHeader.journalLength)
            guard let nonce = try nonce(of: file, size: size) else { continue }
            var scanner = RecordScanner(file: file, nonce: nonce, from: start, end: size, verifiesMessages: false)
            while let item = try scanner.next() {
                guard case .record(let record) = item, record.header.kind == .act else { continue }
                let segment = try scanner.withBytes(of: record, from: 0, count: record.header.envelopeLength) {
                    Self.segmentOfReclaimed($0)
                }
                if let segment { acts.add(JournalPosition(file: number, offset: record.offset), segment: segment) }
            }
        }
        return acts
    }

    private func nonce(of file: any SpoolFile, size: Int) throws -> [UInt8]? {
        let length = FileHeader.journalLength
        if let header = FileHeader.parse(try file.read(length, at: 0), kind: .journal, hasher: SHA256Hasher()) {
            return header.nonce
        }
        return size > length ? try NonceSearch.nonce(of: file, firstRecord: length, end: size) : nil
    }

    /// The segment that a `reclaimed` act names in the line below its word; nil for any other act.
    private static func segmentOfReclaimed(_ content: UnsafeRawBufferPointer) -> Int? {
        // Values are escaped, so a line that begins so is a line of the act's own. The first is the act's word.
        guard let word = content.index(of: Array("\nAct: ".utf8), from: 0) else { return nil }
        let expected = Array("\nAct: \(JournalAct.reclaimedWord)\nSegment: ".utf8)
        let digits = word + expected.count
        guard digits < content.count, content[word..<digits].elementsEqual(expected),
            let end = content.index(of: lineFeed, from: digits)
        else { return nil }
        return FixedWidth.parse(UnsafeRawBufferPointer(rebasing: content[digits..<end]))
    }
}
