/// The file `segments/committed`: how far the active segment is synced (Durability D4).
///
/// The receiver overwrites it after every sync, without syncing it: within one boot it is always at or before the truth, and
/// after a power cut nobody asks it. 41 bytes: `<segment> <offset> <check>\n`.
struct CommittedPosition {
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

    /// A start begins: what a former boot published, or another spool, must not be believed.
    func withdraw() throws { try file.truncate(to: 0) }

    /// Whether a receiver is between the beginning of its start and R7.
    func isWithdrawn() throws -> Bool { try file.size() == 0 }

    /// Nil where it holds nothing whole, also when read in the middle of an overwrite.
    func read() throws -> SpoolPosition? {
        let line = try file.read(41, at: 0)
        guard line.count == 41, line[24..<40].elementsEqual(RecordHeader.check(Array(line[..<24]), hasher: hasher))
        else { return nil }
        return line.withUnsafeBytes { bytes in
            guard let segment = FixedWidth.parse(UnsafeRawBufferPointer(rebasing: bytes[0..<8])),
                let offset = FixedWidth.parse(UnsafeRawBufferPointer(rebasing: bytes[9..<23]))
            else { return nil }
            return SpoolPosition(segment: segment, offset: offset)
        }
    }
}
