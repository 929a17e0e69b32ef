import MailModel

/// What reading the whole spool has shown.
public struct SpoolFindings: Sendable {
    public var segments = 0
    public var messages = 0
    public var recipients = 0
    public var bytes = 0
    public var acts = 0
    /// Bytes that are not what was written, large files that are missing or changed, breaks of the journal's chain.
    public var damage: [SpoolDamage] = []
    /// Bytes behind the last group of the last segment, none of which was acknowledged.
    public var tornBytes = 0
    /// Files in `large/` that no record names: left by a crash before their record; no message of anybody's.
    public var unnamedLargeFiles: [String] = []

    public init() {}
}

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
        let end = try SpoolReader(layout: layout, fileSystem: fileSystem).stableEnd()
        let started = Timestamp.now()
        var named: Set<String> = []
        for number in try fileSystem.numbers(in: layout.segments, suffix: ".seg") where number <= end.segment {
            try examine(number, to: number == end.segment ? end.offset : nil, &findings, &named)
            each(findings)
        }
        // A file that arrives now has no record yet; only what was there before this began can be unnamed.
        findings.unnamedLargeFiles = try fileSystem.list(layout.large).filter { name in
            guard let id = MessageID(name), !named.contains(name) else { return false }
            return Int64(id.milliseconds) < started.milliseconds - Self.arrivalTime
        }
        try examineJournal(&findings)
        each(findings)
        return findings
    }

    /// A large message takes at most so long from its id to its record, in milliseconds.
    private static let arrivalTime: Int64 = 3_600_000

    private func examine(_ number: Int, to stop: Int?, _ findings: inout SpoolFindings, _ named: inout Set<String>)
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
        switch try SegmentOpening.open(file, size: end) {
        case .unborn: return
        case .unreadable:
            return findings.damage.append(
                SpoolDamage(file: path, offset: 0, length: end, finding: "neither first line nor record"))
        case .opened(let found): opened = found
        }
        if let damage = opened.damage(in: path) { findings.damage.append(damage) }
        var scanner = RecordScanner(
            file: file, nonce: opened.nonce, from: opened.firstRecord, end: end, verifiesMessages: true)
        while let item = try scanner.next() {
            switch item {
            case .damage(let offset, let length, let finding, _):
                findings.damage.append(SpoolDamage(file: path, offset: offset, length: length, finding: finding))
            case .record(let record):
                try examine(record, &scanner, path: path, &findings, &named)
            }
        }
    }

    private func examine(
        _ record: ScannedRecord, _ scanner: inout RecordScanner, path: String, _ findings: inout SpoolFindings,
        _ named: inout Set<String>
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
        findings.recipients += envelope.recipients.count
        findings.bytes += header.messageLength
        guard header.kind == .large else { return }
        named.insert(id.description)
        if let finding = largeFileDamage(id, header) {
            findings.damage.append(
                SpoolDamage(file: layout.largeFile(id), offset: 0, length: header.messageLength, finding: finding))
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

    private func examineJournal(_ findings: inout SpoolFindings) throws {
        let reader = JournalReader(layout: layout, fileSystem: fileSystem)
        // Only what is on stable storage: an act being written now is not damage.
        let end = try Journal(layout: layout, by: "fsck", fileSystem: fileSystem).end()
        var position = JournalPosition.start
        while true {
            let page = try reader.entries(from: position, end: end, limit: 10_000)
            findings.acts += page.entries.count
            excuseReclaimed(page.entries, &findings)
            findings.damage += page.damage
            guard page.next != position else { return }
            position = page.next
        }
    }
}
