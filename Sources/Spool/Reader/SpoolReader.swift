import MailModel
import Synchronization

/// Reads messages out of the spool. Opens nothing for writing; any number of readers run beside the receiver.
///
/// All calls block; call them off the event loops.
public final class SpoolReader: Sendable {
    public let layout: SpoolLayout
    let fileSystem: any SpoolFileSystem
    let segments = Mutex(OpenSegments())
    /// The last segment as it was when its end was last looked for, and that end.
    private let surveyed = Mutex<(number: Int, stamp: FileStamp, end: SpoolPosition)?>(nil)

    public init(layout: SpoolLayout, fileSystem: any SpoolFileSystem = POSIXFileSystem()) {
        self.layout = layout
        self.fileSystem = fileSystem
    }

    /// How far messages are on stable storage now.
    ///
    /// While a receiver runs it is what the receiver published; while none runs the last segment is synced and examined
    /// (Durability, *Readers*), which reads up to one segment, once for as long as it stays as it is.
    public func stableEnd() throws -> SpoolPosition {
        // Shared: readers that do this at the same time must not take each other for a receiver.
        guard let lock = try SpoolLock.share(layout: layout, name: .receiver) else { return try publishedEnd() }
        defer { lock.release() }
        return try surveyedEnd()
    }

    /// As `stableEnd`, for a reader who has read up to `known`, which was stable then: where no file has grown behind it, nothing
    /// is examined again.
    public func stableEnd(beyond known: SpoolPosition) throws -> SpoolPosition {
        let last = try fileSystem.numbers(in: layout.segments, suffix: ".seg").last
        if let last, last == known.segment,
            try fileSystem.open(layout.segment(last), .readOnly).size() == known.offset
        {
            return known
        }
        return try stableEnd()
    }

    /// Damage in the last segment and its torn end, as the next start of the receiver will find them.
    public func examineEnd() throws -> RecoveryReport {
        var published: SpoolPosition?
        do {
            published = try CommittedPosition(layout: layout, fileSystem: fileSystem, writing: false).lastPublished()
        } catch let error as SpoolError where error.code == .missing {
            // A backup may have left it out.
        }
        return try SegmentRecovery(layout: layout, fileSystem: fileSystem, published: published).examine()
    }

    /// As `stableEnd`; while no receiver runs, with the damage behind it that only the published position tells from a torn end.
    func knownEnd() throws -> SpoolPosition {
        guard let lock = try SpoolLock.share(layout: layout, name: .receiver) else { return try publishedEnd() }
        defer { lock.release() }
        return try examineEnd().end ?? .start
    }

    /// Where the last segment truly ends; right while nobody appends to it.
    private func surveyedEnd() throws -> SpoolPosition {
        guard let number = try fileSystem.numbers(in: layout.segments, suffix: ".seg").last else { return .start }
        // Asked before the examination: what changes meanwhile is looked at again.
        let stamp = try fileSystem.open(layout.segment(number), .readOnly).stamp()
        if let known = surveyed.withLock({ $0 }), known.number == number, known.stamp == stamp { return known.end }
        // By the records alone: a power cut may take back what was published, and nobody may have read beyond what a start cuts.
        let end = try SegmentRecovery(layout: layout, fileSystem: fileSystem).examine().endByRecords ?? .start
        if let stamp { surveyed.withLock { $0 = (number, stamp, end) } }
        return end
    }

    private func publishedEnd() throws -> SpoolPosition {
        do {
            let committed = try CommittedPosition(layout: layout, fileSystem: fileSystem, writing: false)
            for _ in 0..<100 {
                if let position = try committed.read() {
                    guard try reaches(position) else { break }
                    return position
                }
                // A receiver is starting. Until it publishes (R7) it begins no segment, so the end is where anybody finds it. To
                // say less would look as if the spool had been shortened.
                guard try committed.isWithdrawn() else { continue }
                if let end = try? surveyedEnd(), try committed.isWithdrawn() { return end }
            }
        } catch let error as SpoolError where error.code == .missing {
            return try lastClosedEnd()
        }
        return try lastClosedEnd()
    }

    /// False for a position behind the end of its segment: a copy of the spool took it along from a later moment.
    private func reaches(_ position: SpoolPosition) throws -> Bool {
        guard position.segment > 0 else { return true }
        do {
            return try fileSystem.open(layout.segment(position.segment), .readOnly).size() >= position.offset
        } catch let error as SpoolError where error.code == .missing {
            return false
        }
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
        // Gone since the names were listed: its messages were given back.
        guard let file = try fileSystem.openIfThere(path) else { return }
        let size = try min(stop ?? .max, file.size())
        page.next = SpoolPosition(segment: number, offset: max(start, size))
        guard size > start else { return }
        let opened: SegmentOpening
        switch try SegmentOpening.open(file, size: size, number: number) {
        case .unborn: return
        case .unreadable(let finding):
            page.damage.append(SpoolDamage(file: path, offset: start, length: size - start, finding: finding))
            return
        case .opened(let found): opened = found
        }
        page.mark = SegmentMark(segment: number, nonce: Self.number(opened.nonce))
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
        guard var message = try scanner.message(record, segment: number) else { return nil }
        guard withHeaderPrefix else { return message }
        let prefix = min(message.length, SpoolLimits.headerPrefix)
        if message.isLarge {
            let path = layout.largeFile(message.id)
            message.headerPrefix = (try? fileSystem.open(path, .readOnly).read(prefix, at: 0)) ?? []
        } else {
            message.headerPrefix = try scanner.withBytes(of: record, from: record.header.envelopeLength, count: prefix)
            {
                Array($0[..<HeaderBlock.length(of: $0)])
            }
        }
        return message
    }
}
