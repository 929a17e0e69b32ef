import MailModel

/// Reads everything: every record, every message's digest, every large file, the journal and its chain. Changes nothing.
public struct SpoolExamination: Sendable {
    private let layout: SpoolLayout
    private let fileSystem: any SpoolFileSystem

    public init(layout: SpoolLayout, fileSystem: any SpoolFileSystem = POSIXFileSystem()) {
        self.layout = layout
        self.fileSystem = fileSystem
    }

    /// - Parameter each: called after each file with what was found so far.
    public func run(each: (SpoolFindings) -> Void = { _ in }) throws -> SpoolFindings {
        var findings = SpoolFindings()
        // Asked first: a name that is there before its record can only be one without a record.
        let largeFiles = try fileSystem.regularFiles(in: layout.large)
        let end = try SpoolReader(layout: layout, fileSystem: fileSystem).knownEnd()
        var seen = Seen()
        let numbers = try fileSystem.numbers(in: layout.segments, suffix: ".seg")
        findings.missingSegments = Self.gaps(numbers)
        for number in numbers where number <= end.segment {
            try examine(number, to: number == end.segment ? end.offset : nil, &findings, &seen)
            each(findings)
        }
        findings.unnamedLargeFiles = try unnamed(largeFiles, seen)
        findings.aliens = try SpoolAliens(layout: layout, fileSystem: fileSystem).paths()
        findings.keptTornEnds = try tornEnds()
        try examineJournal(&findings)
        each(findings)
        return findings
    }

    /// More are not named: a file with a number from nowhere would make millions of them.
    private static let gapsNamed = 10_000

    private static func gaps(_ numbers: [Int]) -> [Int] {
        var (gaps, next) = ([Int](), 1)
        for number in numbers.sorted() {
            gaps += (next..<max(next, number)).prefix(gapsNamed - gaps.count)
            next = number + 1
        }
        return gaps
    }

    /// What the records read so far have told.
    private struct Seen {
        /// The large files that records name.
        var largeFiles: Set<MessageID> = []
        var newestID: MessageID?
    }

    /// While a receiver runs, a large file that has arrived may wait for its record; but never for so long, in milliseconds.
    private static let arrivalTime: UInt64 = 3_600_000

    private func unnamed(_ largeFiles: [String], _ seen: Seen) throws -> [String] {
        let isReceiving = try SpoolLock.share(layout: layout, name: .receiver) == nil
        return largeFiles.filter { name in
            guard let id = MessageID(name), !seen.largeFiles.contains(id) else { return false }
            // Ids are compared with ids, which never go back, and not with a clock, which may.
            let newest = seen.newestID?.milliseconds ?? 0
            return !isReceiving || id.milliseconds &+ Self.arrivalTime < newest
        }.sorted()
    }

    private func tornEnds() throws -> [String] {
        do {
            return try fileSystem.list(layout.torn).sorted().map { "\(layout.torn)/\($0)" }
        } catch let error as SpoolError where error.code == .missing {
            return []
        }
    }

    private func examine(_ number: Int, to stop: Int?, _ findings: inout SpoolFindings, _ seen: inout Seen)
        throws
    {
        let path = layout.segment(number)
        // Gone since the names were listed: its messages were given back.
        guard let file = try fileSystem.openIfThere(path) else { return }
        let size = try file.size()
        let end = min(stop ?? size, size)
        findings.segments += 1
        findings.tornBytes += stop == nil ? 0 : size - end
        let opened: SegmentOpening
        switch try SegmentOpening.open(file, size: end, number: number) {
        case .unborn:
            if stop == nil { findings.unsealedSegments.append(path) }
            return
        case .unreadable(let finding):
            return findings.damage.append(SpoolDamage(file: path, offset: 0, length: end, finding: finding))
        case .opened(let found): opened = found
        }
        if let damage = opened.damage(in: path) { findings.damage.append(damage) }
        var scanner = RecordScanner(
            file: file, nonce: opened.nonce, from: opened.firstRecord, end: end, verifiesMessages: true)
        var isSealed = false
        while let item = try scanner.next() {
            switch item {
            case .damage(let offset, let length, let finding, _):
                findings.damage.append(SpoolDamage(file: path, offset: offset, length: length, finding: finding))
                if let id = try scanner.header(at: offset).flatMap({ MessageID(bytes: $0.name) }) {
                    findings.damagedMessages.append(id)
                }
            case .record(let record):
                isSealed = record.header.kind == .seal
                try examine(record, &scanner, path: path, &findings, &seen)
            }
        }
        if stop == nil, !isSealed { findings.unsealedSegments.append(path) }
    }

    private func examine(
        _ record: ScannedRecord, _ scanner: inout RecordScanner, path: String, _ findings: inout SpoolFindings,
        _ seen: inout Seen
    ) throws {
        let header = record.header
        guard header.kind == .message || header.kind == .large, let id = MessageID(bytes: header.name) else { return }
        let envelope = try scanner.withBytes(of: record, from: 0, count: header.envelopeLength) {
            EnvelopeLines.decode($0, id: id)
        }
        guard let envelope else {
            let finding = "an envelope that makes no sense"
            findings.damage.append(
                SpoolDamage(file: path, offset: record.offset, length: header.recordLength, finding: finding))
            return
        }
        findings.messages += 1
        seen.newestID = max(seen.newestID ?? id, id)
        findings.recipients += envelope.recipients.count
        findings.bytes += header.messageLength
        guard header.kind == .large else { return }
        seen.largeFiles.insert(id)
        if let finding = largeFileDamage(id, header) {
            findings.damage.append(
                SpoolDamage(file: layout.largeFile(id), offset: 0, length: header.messageLength, finding: finding))
            findings.damagedMessages.append(id)
        }
    }

    /// What is wrong with a large file; nil where nothing is.
    private func largeFileDamage(_ id: MessageID, _ header: RecordHeader) -> String? {
        do {
            let file = try fileSystem.open(layout.largeFile(id), .readOnly)
            guard try file.size() == header.messageLength else {
                return "a large file of another length than was accepted"
            }
            let hasher = SHA256Hasher()
            var offset = 0
            while offset < header.messageLength {
                let piece = try file.read(min(1 << 20, header.messageLength - offset), at: offset)
                guard !piece.isEmpty else { break }
                piece.withUnsafeBytes { hasher.update($0) }
                offset += piece.count
            }
            return hasher.finish() == header.digest ? nil : "a large file whose bytes have changed"
        } catch {
            return "a large file that cannot be read (\(error))"
        }
    }

    /// A large file that was given back while its old segment was being read is no damage.
    private func excuseReclaimed(_ entries: [JournalEntry], _ findings: inout SpoolFindings) {
        guard !findings.damage.isEmpty else { return }
        for case .reclaimed(_, let messages)? in entries.map(\.act) {
            let files = Set(messages.lazy.filter(\.isLarge).map { layout.largeFile($0.id) })
            findings.damage.removeAll { files.contains($0.file) }
        }
    }

    /// Segments that are gone by right: nothing was left to keep in them, or a crash came between `reclaimed` and `compacted`.
    private func noteGivenBack(_ entries: [JournalEntry], _ segments: inout Set<Int>) {
        for entry in entries {
            switch entry.act {
            case .reclaimed(let segment, _): segments.insert(segment)
            case .compacted(let segment, let kept, _): if !kept.isEmpty { segments.remove(segment) }
            default: continue
            }
        }
    }

    private func examineJournal(_ findings: inout SpoolFindings) throws {
        let reader = JournalReader(layout: layout, fileSystem: fileSystem)
        let (end, tornBytes) = try journalEnd()
        findings.tornBytes += tornBytes
        var position = JournalPosition.start
        var givenBack: Set<Int> = []
        defer { findings.missingSegments.removeAll(where: givenBack.contains) }
        while true {
            let page = try reader.entries(from: position, end: end, limit: 10_000)
            findings.acts += page.entries.count
            excuseReclaimed(page.entries, &findings)
            noteGivenBack(page.entries, &givenBack)
            findings.damage += page.damage
            guard page.next != position else { return }
            position = page.next
        }
    }

    /// Only what is on stable storage: an act being written now is not damage. Where nothing of the last file can
    /// be believed, all that is there: the reader says what is wrong with it.
    private func journalEnd() throws -> (end: JournalPosition, tornBytes: Int) {
        let lock = try SpoolLock.acquire(layout: layout, name: .journal, wait: true)
        defer { lock?.release() }
        let keeper = JournalTailKeeper(layout: layout, fileSystem: fileSystem, limits: SpoolLimits())
        do {
            return try keeper.examine()
        } catch let error as SpoolError where error.code == .damaged {
            return (JournalPosition(file: .max, offset: .max), 0)
        }
    }
}
