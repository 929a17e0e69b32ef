import MailModel

/// The active segment: an open file, its nonce, and how far it is written and synced.
struct SegmentFile {
    let number: Int
    let file: any SpoolFile
    let nonce: [UInt8]
    /// Where the next record goes.
    private(set) var end: Int
    /// How much of the file is on stable storage.
    private(set) var synced: Int

    /// Creates segment `number` (Durability N2, N3).
    ///
    /// When this returns, the file's name and first line are on stable storage.
    static func create(
        number: Int, layout: SpoolLayout, fileSystem: any SpoolFileSystem, now: Timestamp, hasher: SHA256Hasher
    ) throws -> SegmentFile {
        // N2. Under its final name at once; O_EXCL, since a name that exists would mean that numbering went wrong.
        let file = try fileSystem.open(layout.segment(number), .createNew)
        let header = FileHeader(kind: .segment, number: number, nonce: FileHeader.freshNonce(), created: now)
        let line = header.encode(hasher: hasher)
        try file.write(line, at: 0)
        try file.sync()
        // N3. The directory too: after a power cut the name may be missing although the bytes are safe.
        try fileSystem.syncDirectory(layout.segments)
        return SegmentFile(number: number, file: file, nonce: header.nonce, end: line.count, synced: line.count)
    }

    /// D2. Writes pieces at the end.
    mutating func write(_ pieces: [UnsafeRawBufferPointer], count: Int) throws {
        try file.write(pieces, at: end)
        end += count
    }

    /// D3. One sync for everything written.
    mutating func sync() throws {
        try file.sync()
        synced = end
    }

    /// F2. Takes back what was written since the last sync, and syncs that. Throws where even that fails.
    mutating func cutToSynced() throws {
        try file.truncate(to: synced)
        try file.sync()
        end = synced
    }

    /// N1. Marks the file as ended in order.
    mutating func seal(hasher: SHA256Hasher) throws {
        let record = SealRecord.encode(nonce: nonce, synced: synced, hasher: hasher)
        try record.withUnsafeBytes { try write([$0], count: record.count) }
        try sync()
    }
}

/// The record that ends a file: everything before it is on stable storage.
enum SealRecord {
    static func encode(nonce: [UInt8], synced: Int, hasher: SHA256Hasher) -> [UInt8] {
        let prefix = RecordHeader.prefix(
            nonce: nonce, kind: .seal, name: [UInt8](repeating: UInt8(ascii: "0"), count: MessageID.textLength),
            envelopeLength: 0, messageLength: 0, digest: .zero, synced: synced)
        hasher.update(prefix)
        return RecordHeader.finish(prefix, recordDigest: hasher.finish(), hasher: hasher) + [lineFeed]
    }
}
