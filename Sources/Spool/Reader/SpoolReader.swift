import MailModel
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Reads messages out of the spool. Opens nothing for writing; any number of readers run beside the receiver.
///
/// All calls block; call them off the event loops.
public final class SpoolReader: Sendable {
    public let layout: SpoolLayout
    private let fileSystem: any SpoolFileSystem
    private let segments = Mutex(OpenSegments())

    public init(layout: SpoolLayout, fileSystem: any SpoolFileSystem = POSIXFileSystem()) {
        self.layout = layout
        self.fileSystem = fileSystem
    }

    /// How far messages are on stable storage now.
    ///
    /// While a receiver runs it is what the receiver published; while none runs the last segment is synced and examined
    /// (Durability, *Readers*), which reads up to one segment. While a receiver starts, this waits until it has done so.
    public func stableEnd() throws -> SpoolPosition {
        for _ in 0..<SpoolLock.attempts {
            // Shared: readers that do this at the same time must not take each other for a receiver.
            if let lock = try SpoolLock.share(layout: layout, name: .receiver) {
                defer { lock.release() }
                return try SegmentRecovery(layout: layout, fileSystem: fileSystem).examine().end ?? .start
            }
            guard let unpublished = try SpoolLock.share(layout: layout, name: .committed) else {
                return try publishedEnd()
            }
            unpublished.release()
            usleep(SpoolLock.pauseMicroseconds)
        }
        throw SpoolError(
            code: .locked,
            message:
                "the receiver has been starting for a minute and has not yet said how far \(layout.directory) is stored; look at its log"
        )
    }

    /// Damage in the last segment and its torn end, as the next start of the receiver will find them.
    public func examineEnd() throws -> RecoveryReport {
        try SegmentRecovery(layout: layout, fileSystem: fileSystem).examine()
    }

    private func publishedEnd() throws -> SpoolPosition {
        do {
            let file = try CommittedPosition(layout: layout, fileSystem: fileSystem, writing: false)
            for _ in 0..<100 {
                if let position = try file.read() { return position }
            }
        } catch let error as SpoolError where error.code == .missing {
            return try lastClosedEnd()
        }
        return try lastClosedEnd()
    }

    /// What is certain without the published position: a segment exists only when all before it are synced to their ends (N1).
    private func lastClosedEnd() throws -> SpoolPosition {
        SpoolPosition(segment: try fileSystem.numbers(in: layout.segments, suffix: ".seg").last ?? 0, offset: 0)
    }

    /// Messages from `from` up to `end`, at most `limit`, in order of arrival.
    ///
    /// `withHeaderPrefix` also reads the head of each message (up to `SpoolLimits.headerPrefix` bytes). The digests of header
    /// and envelope are checked, that of the message bytes is not: `bytes(of:)` does that. Damage is reported and stepped over.
    public func messages(
        from: SpoolPosition, end: SpoolPosition, limit: Int, withHeaderPrefix: Bool = false
    ) throws -> SegmentPage {
        var page = SegmentPage(messages: [], next: from, damage: [])
        let numbers = try fileSystem.numbers(in: layout.segments, suffix: ".seg")
        for number in numbers where number >= from.segment && number <= end.segment {
            let start = number == from.segment ? from.offset : 0
            let stop = number == end.segment ? end.offset : nil
            try read(number, from: start, to: stop, limit: limit, withHeaderPrefix: withHeaderPrefix, into: &page)
            if page.messages.count >= limit { break }
        }
        return page
    }

    private func read(
        _ number: Int, from start: Int, to stop: Int?, limit: Int, withHeaderPrefix: Bool, into page: inout SegmentPage
    ) throws {
        let path = layout.segment(number)
        let file = try fileSystem.open(path, .readOnly)
        let size = try min(stop ?? .max, file.size())
        page.next = SpoolPosition(segment: number, offset: max(start, size))
        guard size > start else { return }
        let opened: SegmentOpening
        switch try SegmentOpening.open(file, size: size) {
        case .unborn: return
        case .unreadable:
            page.damage.append(
                SpoolDamage(file: path, offset: start, length: size - start, finding: "no first line and no record"))
            return
        case .opened(let found): opened = found
        }
        if start < opened.firstRecord, let damage = opened.damage(in: path) { page.damage.append(damage) }
        var scanner = RecordScanner(
            file: file, nonce: opened.nonce, from: max(start, opened.firstRecord), end: size, verifiesMessages: false)
        while page.messages.count < limit, let item = try scanner.next() {
            switch item {
            case .record(let record):
                guard record.header.kind != .seal else { continue }
                if let message = try message(
                    record, number: number, scanner: &scanner, withHeaderPrefix: withHeaderPrefix)
                {
                    page.messages.append(message)
                } else {
                    page.damage.append(
                        SpoolDamage(
                            file: path, offset: record.offset, length: record.header.recordLength,
                            finding: "a record that makes no sense as a message"))
                }
            case .damage(let offset, let length, let finding, _):
                page.damage.append(SpoolDamage(file: path, offset: offset, length: length, finding: finding))
            }
        }
        page.next = SpoolPosition(segment: number, offset: scanner.offset)
    }

    private func message(
        _ record: ScannedRecord, number: Int, scanner: inout RecordScanner, withHeaderPrefix: Bool
    ) throws -> SpooledMessage? {
        let header = record.header
        guard header.kind == .message || header.kind == .large, let id = MessageID(bytes: header.name) else {
            return nil
        }
        let envelope = try scanner.withBytes(of: record, from: 0, count: header.envelopeLength) {
            EnvelopeLines.decode($0, id: id)
        }
        guard let envelope else { return nil }
        var message = SpooledMessage(
            position: SpoolPosition(segment: number, offset: record.offset),
            end: SpoolPosition(segment: number, offset: record.offset + header.recordLength), envelope: envelope,
            length: header.messageLength, digest: header.digest, isLarge: header.kind == .large)
        guard withHeaderPrefix else { return message }
        let prefix = min(header.messageLength, SpoolLimits.headerPrefix)
        if message.isLarge {
            message.headerPrefix = (try? fileSystem.open(layout.largeFile(id), .readOnly).read(prefix, at: 0)) ?? []
        } else {
            message.headerPrefix = try scanner.withBytes(of: record, from: header.envelopeLength, count: prefix) {
                Array($0[..<HeaderBlock.length(of: $0)])
            }
        }
        return message
    }

    /// The stored bytes of a message. Throws `.damaged` where they are not those that were accepted, `.missing` where the file is gone.
    public func bytes(of location: SpoolLocation) throws -> [UInt8] {
        let number = location.position.segment
        let (file, nonce) = try segments.withLock { try $0.file(number, layout: layout, fileSystem: fileSystem) }
        let start = location.position.offset
        let line = try file.read(RecordHeader.length, at: start)
        let hasher = SHA256Hasher()
        guard let header = line.withUnsafeBytes({ RecordHeader.parse($0, nonce: nonce, hasher: hasher) }),
            header.kind == .message || header.kind == .large, MessageID(bytes: header.name) == location.id
        else { throw damaged(location, "its record is not where the index says") }
        let bytes: [UInt8]
        if header.kind == .large {
            bytes = try fileSystem.open(layout.largeFile(location.id), .readOnly).read(header.messageLength, at: 0)
        } else {
            bytes = try file.read(header.messageLength, at: start + RecordHeader.length + header.envelopeLength)
        }
        guard bytes.count == header.messageLength, SHA256Hasher.digest(bytes) == header.digest else {
            throw damaged(location, "its bytes are not those that were accepted")
        }
        return bytes
    }

    private func damaged(_ location: SpoolLocation, _ finding: String) -> SpoolError {
        SpoolError(
            code: .damaged,
            message:
                "message \(location.id) in \(layout.segment(location.position.segment)) at byte \(location.position.offset): \(finding); run `layover fsck`"
        )
    }
}

/// A few segments kept open for reading.
private struct OpenSegments {
    private static let capacity = 16
    private var open: [(number: Int, file: any SpoolFile, nonce: [UInt8])] = []

    mutating func file(
        _ number: Int, layout: SpoolLayout, fileSystem: any SpoolFileSystem
    ) throws -> (file: any SpoolFile, nonce: [UInt8]) {
        if let found = open.first(where: { $0.number == number }) { return (found.file, found.nonce) }
        let path = layout.segment(number)
        let file = try fileSystem.open(path, .readOnly)
        guard case .opened(let opened) = try SegmentOpening.open(file, size: file.size()) else {
            throw SpoolError(code: .damaged, message: "\(path): no first line and no record; run `layover fsck`")
        }
        if open.count >= Self.capacity { open.removeFirst() }
        open.append((number, file, opened.nonce))
        return (file, opened.nonce)
    }
}
