import MailModel

/// Writes a segment anew with the messages that are kept, beside the old one (Durability G4).
struct SegmentCompaction {
    private static let pieceLength = 4 << 20

    let layout: SpoolLayout
    let fileSystem: any SpoolFileSystem

    /// When this returns, the replacement is on stable storage under its temporary name. The records are those of the old file in
    /// their order, under a new nonce. Throws `.damaged` for an old file that is not sound.
    func write(_ number: Int, without dead: Set<MessageID>) throws -> [KeptMessage] {
        let path = layout.segmentReplacement(number)
        do {
            return try write(number, without: dead, to: fileSystem.open(path, .createNew))
        } catch {
            try? fileSystem.remove(path)
            throw error
        }
    }

    private func write(_ number: Int, without dead: Set<MessageID>, to new: any SpoolFile) throws -> [KeptMessage] {
        let path = layout.segment(number)
        let old = try fileSystem.open(path, .readOnly)
        let size = try old.size()
        guard case .opened(let opened) = try SegmentOpening.open(old, size: size, number: number) else {
            throw damaged(path)
        }
        let hasher = SHA256Hasher()
        let header = FileHeader(kind: .segment, number: number, nonce: FileHeader.freshNonce(), created: .now())
        var piece = header.encode(hasher: hasher)
        var written = 0
        var kept: [KeptMessage] = []
        var scanner = RecordScanner(
            file: old, nonce: opened.nonce, from: opened.firstRecord, end: size, verifiesMessages: true)
        while let item = try scanner.next() {
            guard case .record(let record) = item else { throw damaged(path) }
            guard record.header.kind != .seal else { continue }
            guard let id = MessageID(bytes: record.header.name) else { throw damaged(path) }
            guard !dead.contains(id) else { continue }
            let offset = written + piece.count
            try append(record, of: &scanner, nonce: header.nonce, offset: offset, to: &piece, hasher: hasher)
            kept.append(KeptMessage(id: id, offset: offset, recordLength: record.header.recordLength))
            if piece.count >= Self.pieceLength {
                try new.write(piece, at: written)
                written += piece.count
                piece.removeAll(keepingCapacity: true)
            }
        }
        piece += SealRecord.encode(nonce: header.nonce, synced: written + piece.count, hasher: hasher)
        try new.write(piece, at: written)
        try new.sync()
        return kept
    }

    /// The same record under the new nonce. `synced` is where it begins: the file gets its name when all of it is on stable storage.
    private func append(
        _ record: ScannedRecord, of scanner: inout RecordScanner, nonce: [UInt8], offset: Int, to piece: inout [UInt8],
        hasher: SHA256Hasher
    ) throws {
        let header = record.header
        let start = piece.count
        RecordHeader.appendPrefix(
            to: &piece, nonce: nonce, kind: header.kind, name: header.name, envelopeLength: header.envelopeLength,
            messageLength: header.messageLength, digest: header.digest, synced: offset)
        let inline = header.kind == .message ? header.messageLength : 0
        try scanner.withBytes(of: record, from: 0, count: header.envelopeLength + inline) { bytes in
            let envelope = UnsafeRawBufferPointer(rebasing: bytes[..<header.envelopeLength])
            let digest = piece.withUnsafeBytes {
                hasher.update(UnsafeRawBufferPointer(rebasing: $0[start...]))
                hasher.update(envelope)
                return hasher.finish()
            }
            RecordHeader.appendEnd(to: &piece, from: start, recordDigest: digest, hasher: hasher)
            piece += bytes
        }
        piece.append(lineFeed)
    }

    private func damaged(_ path: String) -> SpoolError {
        SpoolError(code: .damaged, message: "\(path) is damaged and is left as it is; run `layover fsck`")
    }
}
