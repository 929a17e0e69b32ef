import MailModel

/// The end of the journal as one process knows it: the active file and everything needed to append the next act.
struct JournalTail {
    var number: Int
    var file: any SpoolFile
    var nonce: [UInt8]
    /// Where the next act goes; everything before it is on stable storage.
    var end: Int
    /// The sequence number of the next act.
    var sequence: UInt64
    /// The chain after the last act.
    var chain: SHA256Digest
    /// Its first line is damaged: the next act goes into a new file, which carries number and chain on.
    var isClosed = false

    var position: JournalPosition { JournalPosition(file: number, offset: end) }

    /// Whether `later` can be what became of this.
    func isContinued(by later: JournalTail) -> Bool {
        later.sequence >= sequence && (later.number > number || later.nonce == nonce)
    }
}

/// Finds and extends the journal's tail. Every call is made with the journal's lock held.
struct JournalTailKeeper {
    let layout: SpoolLayout
    let fileSystem: any SpoolFileSystem
    let limits: SpoolLimits
    private let hasher = SHA256Hasher()

    init(layout: SpoolLayout, fileSystem: any SpoolFileSystem, limits: SpoolLimits) {
        self.layout = layout
        self.fileSystem = fileSystem
        self.limits = limits
    }

    /// J1. The tail as it is now: `known` where nobody else has appended since, else what the files say.
    ///
    /// When this returns, everything before the tail's end is on stable storage. Nil where there is no journal yet.
    func current(_ known: JournalTail?) throws -> JournalTail? {
        while let last = try fileSystem.numbers(in: layout.journal, suffix: ".jnl").last {
            if let known {
                if known.number == last, try known.file.size() == known.end, known.file.isInPlace() { return known }
                // A file that held acts cannot go again; without it a second journal would begin.
                guard known.number <= last else { break }
            }
            if let tail = try open(last) {
                // Nor can it become shorter, or another one.
                guard known?.isContinued(by: tail) ?? true else { throw SpoolError(removed: layout.journalFile(last)) }
                return tail
            }
            // A crash while the file was being made: there is no act in it. The tail is in the file before.
            try fileSystem.createDirectory(layout.torn)
            try fileSystem.rename(layout.journalFile(last), to: "\(layout.torn)/journal-\(SpoolLayout.name(last)).0")
            try fileSystem.syncDirectory(layout.torn)
            try fileSystem.syncDirectory(layout.journal)
        }
        if let known { throw SpoolError(removed: layout.journalFile(known.number)) }
        return nil
    }

    /// Reads the end of the journal without changing anything: where its last whole act ends, and how many bytes stand behind that.
    func examine() throws -> (end: JournalPosition, tornBytes: Int) {
        var tornBytes = 0
        for number in try fileSystem.numbers(in: layout.journal, suffix: ".jnl").reversed() {
            let found = try survey(number, .readOnly)
            tornBytes += found.size - (found.ending?.survey.end ?? 0)
            if let ending = found.ending {
                return (JournalPosition(file: number, offset: ending.survey.end), tornBytes)
            }
        }
        return (.start, tornBytes)
    }

    /// Nil where not even the first line is whole and nothing follows it.
    private func open(_ number: Int) throws -> JournalTail? {
        let (file, size, ending) = try survey(number, .readWrite)
        guard let ending else { return nil }
        let survey = ending.survey
        if survey.end < size {
            // A torn end: nobody acted upon it, since J3 was not reached; unless it is whole acts that have changed since, which
            // nothing here can tell. The Ledger can: it has read them (B1).
            let torn = TornEnd(layout: layout, fileSystem: fileSystem)
            _ = try torn.cut(file, name: "journal-" + SpoolLayout.name(number), end: survey.end, size: size)
        }
        let last = survey.last.map { JournalLink(sequence: $0.sequence &+ 1, chain: $0.header.recordDigest) }
        guard let link = last ?? ending.first else { throw unreadable(number) }
        return JournalTail(
            number: number, file: file, nonce: ending.nonce, end: survey.end, sequence: link.sequence,
            chain: link.chain,
            isClosed: ending.first == nil)
    }

    /// What a journal file holds, in order to append behind it.
    private struct Ending {
        var nonce: [UInt8]
        /// What the first line says; nil where it is damaged.
        var first: JournalLink?
        var survey: RecordSurvey
    }

    /// `ending` is nil where not even the first line is whole and nothing follows it.
    private func survey(_ number: Int, _ mode: FileMode) throws -> (
        file: any SpoolFile, size: Int, ending: Ending?
    ) {
        let path = layout.journalFile(number)
        let file = try fileSystem.open(path, mode)
        // As for a segment: first on stable storage, then out of the cache, then read.
        let size = try file.size()
        try file.sync()
        // The name too: whoever made the file may have been killed before it came to that.
        try fileSystem.syncDirectory(layout.journal)
        file.dropCache(from: 0)
        let length = FileHeader.journalLength
        let header = FileHeader.parse(try file.read(length, at: 0), kind: .journal, hasher: hasher)
        if header == nil, size <= length { return (file, size, nil) }
        // Where the first line is damaged its records tell the nonce, and the last of them how the journal goes on.
        guard header?.number ?? number == number,
            let nonce = try header?.nonce ?? NonceSearch.nonce(of: file, firstRecord: length, end: size)
        else { throw unreadable(number) }
        let survey = try RecordSurvey.take(
            of: file, path: path, nonce: nonce, firstRecord: length, size: size, rule: .endsAtDamage)
        return (file, size, Ending(nonce: nonce, first: header.map { JournalLink($0) }, survey: survey))
    }

    private func unreadable(_ number: Int) -> SpoolError {
        SpoolError(
            code: .damaged,
            message:
                "\(layout.journalFile(number)) is not the journal's file of this number, or nothing in it can be read; restore it from a backup, or move it out of the spool, then run `layover replay --reconcile`"
        )
    }

    /// The tail to append to: the given one, or a new file where there is none, or it is full, or its first line is damaged.
    func writable(_ tail: JournalTail?) throws -> JournalTail {
        if let tail, tail.end < limits.journalSize.bytes, !tail.isClosed { return tail }
        if tail == nil { try SpoolPlace(layout: layout, fileSystem: fileSystem).settle() }
        let number = try fileSystem.freeNumber(in: layout.journal, suffix: ".jnl")
        let header = FileHeader(
            kind: .journal, number: number, nonce: FileHeader.freshNonce(), created: .now(),
            sequence: tail?.sequence ?? 1,
            chain: tail?.chain ?? .zero)
        let file = try fileSystem.open(layout.journalFile(number), .createNew)
        let line = header.encode(hasher: hasher)
        try file.write(line, at: 0)
        try file.sync()
        try fileSystem.syncDirectory(layout.journal)
        return JournalTail(
            number: number, file: file, nonce: header.nonce, end: line.count, sequence: header.sequence,
            chain: header.chain)
    }

    /// J2, J3. Appends the acts; when this returns they are on stable storage and `tail` is behind them.
    func append(_ contents: [[UInt8]], to tail: inout JournalTail) throws {
        var bytes: [UInt8] = []
        var chain = tail.chain
        var sequence = tail.sequence
        for content in contents {
            bytes += JournalRecord.encode(
                content, nonce: tail.nonce, sequence: sequence, chain: &chain, synced: tail.end, hasher: hasher)
            sequence += 1
        }
        do {
            try tail.file.write(bytes, at: tail.end)
            try tail.file.sync()
            guard tail.file.isInPlace() else { throw SpoolError(removed: layout.journalFile(tail.number)) }
        } catch {
            // Best effort; the next process that opens the journal finds the true end.
            try? tail.file.truncate(to: tail.end)
            throw error
        }
        tail.end += bytes.count
        tail.chain = chain
        tail.sequence = sequence
    }
}

/// One act in the journal's framing.
enum JournalRecord {
    static func encode(
        _ content: [UInt8], nonce: [UInt8], sequence: UInt64, chain: inout SHA256Digest, synced: Int,
        hasher: SHA256Hasher
    ) -> [UInt8] {
        var name: [UInt8] = []
        FixedWidth.append(Int(clamping: sequence), width: MessageID.textLength, to: &name)
        content.withUnsafeBytes { hasher.update($0) }
        let prefix = RecordHeader.prefix(
            nonce: nonce, kind: .act, name: name, envelopeLength: content.count, messageLength: 0,
            digest: hasher.finish(),
            synced: synced)
        chain = next(chain, prefix: prefix, hasher: hasher)
        return RecordHeader.finish(prefix, recordDigest: chain, hasher: hasher) + content + [lineFeed]
    }

    /// `SHA-256(chain before ‖ header up to the chain)`.
    static func next(_ chain: SHA256Digest, prefix: [UInt8], hasher: SHA256Hasher) -> SHA256Digest {
        hasher.update(chain.bytes)
        hasher.update(prefix)
        return hasher.finish()
    }
}

extension ScannedRecord {
    /// The sequence number of an act.
    var sequence: UInt64 { UInt64(String(decoding: header.name, as: UTF8.self)) ?? 0 }
}
