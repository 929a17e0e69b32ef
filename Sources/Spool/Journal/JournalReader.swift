import MailModel

/// Reads acts out of the journal's files.
struct JournalReader {
    let layout: SpoolLayout
    let fileSystem: any SpoolFileSystem

    func entries(from: JournalPosition, end: JournalPosition, limit: Int) throws -> JournalPage {
        var page = JournalPage(entries: [], next: from, damage: [])
        var before: JournalLink?
        let numbers = try fileSystem.numbers(in: layout.journal, suffix: ".jnl")
        for number in numbers where number >= from.file && number <= end.file {
            let start = number == from.file ? from.offset : 0
            let stop = number == end.file ? end.offset : nil
            before = try read(number, from: start, to: stop, limit: limit, into: &page) {
                try before ?? link(atEndOf: numbers.last { $0 < number })
            }
            if page.entries.count >= limit { break }
        }
        return page
    }

    /// Reads one file. Returns the link behind the last act read; nil where none is known.
    ///
    /// - Parameter before: the link that the file ought to begin with; asked only at its beginning.
    private func read(
        _ number: Int, from start: Int, to stop: Int?, limit: Int, into page: inout JournalPage, before: () throws -> JournalLink
    ) throws -> JournalLink? {
        let hasher = SHA256Hasher()
        let path = layout.journalFile(number)
        let file = try fileSystem.open(path, .readOnly)
        let size = try min(stop ?? .max, file.size())
        let first = max(start, FileHeader.journalLength)
        var chain: SHA256Digest?
        let nonce: [UInt8]
        if let header = FileHeader.parse(try file.read(FileHeader.journalLength, at: 0), kind: .journal, hasher: hasher) {
            nonce = header.nonce
            // The chain is known at the beginning of a file; in the middle it is taken up from the first act read.
            if first == FileHeader.journalLength { chain = header.chain }
            if start == 0, try before() != JournalLink(header) {
                page.damage.append(
                    SpoolDamage(
                        file: path, offset: 0, length: FileHeader.journalLength,
                        finding: "a break in the journal's chain: acts before this file are missing"))
            }
        } else {
            let found = size > first ? try NonceSearch.nonce(of: file, firstRecord: FileHeader.journalLength, end: size) : nil
            let length = found == nil ? size - start : FileHeader.journalLength
            if start < (found == nil ? size : FileHeader.journalLength) {
                page.damage.append(SpoolDamage(file: path, offset: start, length: length, finding: "a damaged first line"))
            }
            page.next = JournalPosition(file: number, offset: max(start, size))
            guard let found else { return nil }
            nonce = found
        }
        var scanner = RecordScanner(file: file, nonce: nonce, from: first, end: size, verifiesMessages: false)
        while page.entries.count < limit, let item = try scanner.next() {
            switch item {
            case .record(let record) where record.header.kind == .act:
                try read(record, &scanner, path: path, chain: &chain, hasher: hasher, into: &page)
            case .record: break
            case .damage(let offset, let length, let finding, _):
                page.damage.append(SpoolDamage(file: path, offset: offset, length: length, finding: finding))
                chain = nil
            }
        }
        page.next = JournalPosition(file: number, offset: max(scanner.offset, first))
        return chain.flatMap { chain in page.entries.last.map { JournalLink(sequence: $0.sequence &+ 1, chain: chain) } }
    }

    /// The link behind the last act of a file: what the file after it ought to begin with.
    private func link(atEndOf number: Int?) throws -> JournalLink {
        guard let number else { return .first }
        let file = try fileSystem.open(layout.journalFile(number), .readOnly)
        guard let header = FileHeader.parse(try file.read(FileHeader.journalLength, at: 0), kind: .journal, hasher: SHA256Hasher())
        else { return .first }
        var scanner = RecordScanner(
            file: file, nonce: header.nonce, from: FileHeader.journalLength, end: try file.size(), verifiesMessages: false)
        var link = JournalLink(header)
        while let item = try scanner.next() {
            if case .record(let record) = item {
                link = JournalLink(sequence: record.sequence &+ 1, chain: record.header.recordDigest)
            }
        }
        return link
    }

    private func read(
        _ record: ScannedRecord, _ scanner: inout RecordScanner, path: String, chain: inout SHA256Digest?,
        hasher: SHA256Hasher, into page: inout JournalPage
    ) throws {
        let header = record.header
        if let before = chain, JournalRecord.next(before, header: header, nonce: scanner.nonce, hasher: hasher) != header.recordDigest {
            page.damage.append(
                SpoolDamage(file: path, offset: record.offset, length: header.recordLength, finding: "a break in the journal's chain"))
        }
        chain = header.recordDigest
        var entry = JournalEntry(sequence: record.sequence, at: Timestamp(milliseconds: 0), by: "", act: nil)
        let meaning = try scanner.withBytes(of: record, from: 0, count: header.envelopeLength) { JournalContent.decode($0) }
        if let meaning {
            entry.at = meaning.at
            entry.by = meaning.by
            entry.act = meaning.act
        }
        page.entries.append(entry)
    }
}

extension JournalRecord {
    /// The chain that a record with this header ought to carry.
    static func next(_ chain: SHA256Digest, header: RecordHeader, nonce: [UInt8], hasher: SHA256Hasher) -> SHA256Digest {
        next(
            chain,
            prefix: RecordHeader.prefix(
                nonce: nonce, kind: header.kind, name: header.name, envelopeLength: header.envelopeLength,
                messageLength: header.messageLength, digest: header.digest, synced: header.synced), hasher: hasher)
    }
}
