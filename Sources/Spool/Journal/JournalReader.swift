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
                try before ?? link(atEndOf: numbers.prefix { $0 < number })
            }
            if page.entries.count >= limit { break }
        }
        return page
    }

    /// Reads one file. Returns the link behind the last act read; nil where none is known.
    ///
    /// - Parameter before: the link that the file ought to begin with; asked only at its beginning.
    private func read(
        _ number: Int, from start: Int, to stop: Int?, limit: Int, into page: inout JournalPage,
        before: () throws -> JournalLink?
    ) throws -> JournalLink? {
        let path = layout.journalFile(number)
        let file = try fileSystem.open(path, .readOnly)
        let size = try min(stop ?? .max, file.size())
        page.next = JournalPosition(file: number, offset: max(start, size))
        let (opened, damage) = try opening(of: file, number: number, from: start, size: size)
        if let damage { page.damage.append(damage) }
        guard let (nonce, known) = opened else { return nil }
        if start == 0, let known, let expected = try before(), expected != known {
            let finding = "a break in the journal's chain: acts before this file are missing"
            page.damage.append(SpoolDamage(file: path, offset: 0, length: FileHeader.journalLength, finding: finding))
        }
        // The chain is known at the beginning of a file; in the middle it is taken up from the first act read.
        let first = max(start, FileHeader.journalLength)
        var chain = first == FileHeader.journalLength ? known?.chain : nil
        let hasher = SHA256Hasher()
        var scanner = RecordScanner(file: file, nonce: nonce, from: first, end: size, verifiesMessages: false)
        while page.entries.count < limit, let item = try scanner.next() {
            switch item {
            case .record(let record) where record.header.kind == .act:
                try read(record, &scanner, path: path, chain: &chain, hasher: hasher, into: &page)
                page.last = JournalMark(
                    position: JournalPosition(file: number, offset: record.offset),
                    chain: record.header.recordDigest.words.0)
            case .record: break
            case .damage(let offset, let length, let finding, _):
                page.damage.append(SpoolDamage(file: path, offset: offset, length: length, finding: finding))
                chain = nil
            }
        }
        page.next = JournalPosition(file: number, offset: max(scanner.offset, first))
        return chain.flatMap { chain in page.entries.last.map { JournalLink(sequence: $0.sequence &+ 1, chain: chain) }
        }
    }

    /// The nonce of a file and the link it begins with, which is not known where the first line is damaged; nil where nothing of
    /// the file may be read. And what is wrong with it, from `start` on.
    private func opening(
        of file: any SpoolFile, number: Int, from start: Int, size: Int
    ) throws -> (opened: (nonce: [UInt8], link: JournalLink?)?, damage: SpoolDamage?) {
        let length = FileHeader.journalLength
        let path = layout.journalFile(number)
        if let header = FileHeader.parse(try file.read(length, at: 0), kind: .journal, hasher: SHA256Hasher()) {
            if header.number == number { return ((header.nonce, JournalLink(header)), nil) }
            // A copy under another name would give its acts twice.
            let finding = "journal file \(SpoolLayout.name(header.number)) under another name"
            return (nil, SpoolDamage(file: path, offset: start, length: size - start, finding: finding))
        }
        let nonce = size > length ? try NonceSearch.nonce(of: file, firstRecord: length, end: size) : nil
        let damaged = start..<max(start, nonce == nil ? size : length)
        let damage = SpoolDamage(file: path, offset: start, length: damaged.count, finding: "a damaged first line")
        return (nonce.map { ($0, nil) }, damaged.isEmpty ? nil : damage)
    }

    /// The link behind the last act of these files: what the file after them ought to begin with. Nil where that cannot be known.
    private func link(atEndOf numbers: ArraySlice<Int>) throws -> JournalLink? {
        guard let number = numbers.last else { return .first }
        let file = try fileSystem.open(layout.journalFile(number), .readOnly)
        let size = try file.size()
        // A file without a byte holds no act.
        guard size > 0 else { return try link(atEndOf: numbers.dropLast()) }
        guard let (nonce, first) = try opening(of: file, number: number, from: 0, size: size).opened else { return nil }
        var scanner = RecordScanner(
            file: file, nonce: nonce, from: FileHeader.journalLength, end: size, verifiesMessages: false)
        var link = first
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
        if let before = chain,
            JournalRecord.next(before, header: header, nonce: scanner.nonce, hasher: hasher) != header.recordDigest
        {
            page.damage.append(
                SpoolDamage(
                    file: path, offset: record.offset, length: header.recordLength,
                    finding: "a break in the journal's chain"))
        }
        chain = header.recordDigest
        var entry = JournalEntry(sequence: record.sequence, at: Timestamp(milliseconds: 0), by: "", act: nil)
        let meaning = try scanner.withBytes(of: record, from: 0, count: header.envelopeLength) {
            JournalContent.decode($0)
        }
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
    static func next(_ chain: SHA256Digest, header: RecordHeader, nonce: [UInt8], hasher: SHA256Hasher) -> SHA256Digest
    {
        next(
            chain,
            prefix: RecordHeader.prefix(
                nonce: nonce, kind: header.kind, name: header.name, envelopeLength: header.envelopeLength,
                messageLength: header.messageLength, digest: header.digest, synced: header.synced), hasher: hasher)
    }
}
