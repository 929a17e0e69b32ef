/// Finds a file's nonce in its records, for a file whose first line is damaged.
///
/// A mail may hold made-up records with a nonce of their own, and the record around them may be damaged as well. So the nonce is
/// the one whose records, verified whole, make up most of the file: made-up records are never longer than the mail they came in.
struct NonceSearch {
    /// Hashing stops after so many times the file's length: made-up headers can claim more than there is.
    private static let workFactor = 8
    private static let windowSize = 1 << 20

    private let file: any SpoolFile
    private let end: Int
    private let hasher = SHA256Hasher()
    private var window: [UInt8] = []
    private var windowOffset = 0
    private var work: Int
    private var verified: [[UInt8]: Int] = [:]

    /// Nil where no record can be believed.
    static func nonce(of file: any SpoolFile, firstRecord: Int, end: Int) throws -> [UInt8]? {
        var search = NonceSearch(file: file, end: end)
        // Where the first record must begin no mail can put anything.
        if let header = try search.header(at: firstRecord) { return header.nonce }
        try search.run(from: firstRecord)
        return search.verified.max { $0.value < $1.value }?.key
    }

    private init(file: any SpoolFile, end: Int) {
        self.file = file
        self.end = end
        work = end.multipliedReportingOverflow(by: Self.workFactor).partialValue
    }

    private mutating func run(from start: Int) throws {
        var offset = start
        while let found = try nextMagic(from: offset) {
            offset = found + 1
            guard let (header, nonce) = try header(at: found), try isWhole(header, at: found) else { continue }
            verified[nonce, default: 0] += header.recordLength
            offset = found + header.recordLength
        }
    }

    private mutating func header(at offset: Int) throws -> (header: RecordHeader, nonce: [UInt8])? {
        guard end - offset >= RecordHeader.length else { return nil }
        let line = try file.read(RecordHeader.length, at: offset)
        guard line.count == RecordHeader.length else { return nil }
        let nonce = Array(line[RecordHeader.nonceRange])
        return line.withUnsafeBytes { RecordHeader.parse($0, nonce: nonce, hasher: hasher) }.map { ($0, nonce) }
    }

    private mutating func isWhole(_ header: RecordHeader, at offset: Int) throws -> Bool {
        guard header.recordLength <= end - offset, work > 0 else { return false }
        work -= header.recordLength
        let record = try file.read(header.recordLength, at: offset)
        guard record.count == header.recordLength else { return false }
        return record.withUnsafeBytes { header.isSound(in: $0, verifiesMessage: true, hasher: hasher) }
    }

    private mutating func nextMagic(from start: Int) throws -> Int? {
        var from = start
        while end - from >= RecordHeader.length {
            if from < windowOffset || from + RecordHeader.length > windowOffset + window.count {
                window = try file.read(min(Self.windowSize, end - from), at: from)
                windowOffset = from
                guard window.count >= RecordHeader.length else { return nil }
            }
            let found = window.withUnsafeBytes { $0.index(of: RecordHeader.magic, from: from - windowOffset) }
            if let found { return windowOffset + found }
            // The magic may begin in the window's last bytes.
            from = max(from + 1, windowOffset + window.count - RecordHeader.length + 1)
        }
        return nil
    }
}
