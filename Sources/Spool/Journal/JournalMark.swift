import MailModel

/// One act of the journal by its place and its link in the chain: no other journal has it there.
public struct JournalMark: Hashable, Sendable {
    /// Where its record begins.
    public var position: JournalPosition
    /// The first 64 bits of the chain behind it.
    public var chain: UInt64

    public init(position: JournalPosition, chain: UInt64) {
        self.position = position
        self.chain = chain
    }
}

extension Journal {
    /// Whether the journal still has this act. False where its file is gone, ends before it, or has another act there.
    public func holds(_ mark: JournalMark) throws -> Bool {
        let reader = JournalReader(layout: layout, fileSystem: fileSystem)
        return try reader.holds(mark)
    }
}

extension JournalReader {
    func holds(_ mark: JournalMark) throws -> Bool {
        let (line, size): ([UInt8], Int)
        do {
            let file = try fileSystem.open(layout.journalFile(mark.position.file), .readOnly)
            line = try file.read(RecordHeader.length, at: mark.position.offset)
            size = try file.size()
        } catch let error as SpoolError where error.code == .missing {
            return false
        }
        guard line.count == RecordHeader.length else { return false }
        // Its own nonce will do: what it is compared with depends on that.
        let header = line.withUnsafeBytes {
            RecordHeader.parse($0, nonce: Array(line[RecordHeader.nonceRange]), hasher: SHA256Hasher())
        }
        guard let header, header.kind == .act, header.recordDigest.words.0 == mark.chain else { return false }
        // Cut in the middle, it will be gone when the next act is written.
        return header.recordLength <= size - mark.position.offset
    }
}
