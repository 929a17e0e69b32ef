/// The file `segments/committed`: how far the active segment is synced (Durability D4).
///
/// The receiver overwrites it after every sync, without syncing it: it is always at or before the truth, also after a power cut,
/// which may leave an older one or none. So a start may take from it what was on stable storage at least; readers need the very
/// end, and ask it only while the receiver that wrote it runs. 41 bytes: `<segment> <offset> <check>\n`, and behind them
/// `starting\n` while a start has not come to its own position.
struct CommittedPosition {
    private static let length = 41
    private static let mark = Array("starting\n".utf8)

    private let file: any SpoolFile
    private let hasher = SHA256Hasher()

    init(layout: SpoolLayout, fileSystem: any SpoolFileSystem, writing: Bool) throws {
        file = try fileSystem.open(layout.committed, writing ? .readWrite : .readOnly)
    }

    func publish(_ position: SpoolPosition) throws {
        var line: [UInt8] = []
        FixedWidth.append(position.segment, width: 8, to: &line)
        line.append(space)
        FixedWidth.append(position.offset, width: 14, to: &line)
        line.append(space)
        line += RecordHeader.check(line, hasher: hasher)
        line.append(lineFeed)
        try file.write(line, at: 0)
    }

    /// R1. A start begins: what a former boot published, or another spool, is not where messages end. It is kept all the same,
    /// since a start that fails must not take from the next one what was acknowledged.
    func withdraw() throws { try file.write(Self.mark, at: Self.length) }

    /// R7. The start has found the end.
    func renew(_ position: SpoolPosition) throws {
        try publish(position)
        try file.truncate(to: Self.length)
    }

    /// Whether a receiver is between the beginning of its start and R7.
    func isWithdrawn() throws -> Bool {
        let size = try file.size()
        return size == 0 || size > Self.length
    }

    /// Nil where it holds nothing whole, also when read in the middle of an overwrite, and while it is withdrawn.
    func read() throws -> SpoolPosition? {
        // The size comes second: a start that begins between the two is noticed.
        let position = try lastPublished()
        return try file.size() == Self.length ? position : nil
    }

    /// What was published last, withdrawn or not: so much was on stable storage, of whatever spool it speaks.
    func lastPublished() throws -> SpoolPosition? {
        let line = try file.read(Self.length, at: 0)
        guard line.count == Self.length,
            line[24..<40].elementsEqual(RecordHeader.check(Array(line[..<24]), hasher: hasher))
        else { return nil }
        return line.withUnsafeBytes { bytes in
            guard let segment = FixedWidth.parse(UnsafeRawBufferPointer(rebasing: bytes[0..<8])),
                let offset = FixedWidth.parse(UnsafeRawBufferPointer(rebasing: bytes[9..<23]))
            else { return nil }
            return SpoolPosition(segment: segment, offset: offset)
        }
    }
}
