import MailModel
import Synchronization

extension SpoolReader {
    /// The stored bytes of a message. Throws `.damaged` where they are not those that were accepted, `.missing` where the file is
    /// gone: given back by a reclaim, or lost.
    ///
    /// A reclaim may have written the segment anew since the location was told: then the record is looked for.
    public func bytes(of location: SpoolLocation) throws -> [UInt8] {
        let record = try record(of: location)
        return try bytes(of: location, record.header, at: record.offset, in: record.segment)
    }

    /// The record of a message, where it stands now.
    func record(of location: SpoolLocation) throws -> (header: RecordHeader, offset: Int, segment: OpenSegment) {
        let number = location.position.segment
        let kept = try segments.withLock { try $0.file(number, layout: layout, fileSystem: fileSystem) }
        if let header = try header(of: location, at: location.position.offset, in: kept) {
            return (header, location.position.offset, kept)
        }
        // The open file may be the one that was replaced.
        let fresh = try segments.withLock { segments in
            segments.forget(number)
            return try segments.file(number, layout: layout, fileSystem: fileSystem)
        }
        let moved = try offset(of: location, in: fresh)
        guard let moved, let header = try header(of: location, at: moved, in: fresh) else {
            throw damaged(location, "its record is not where the index says")
        }
        return (header, moved, fresh)
    }

    /// Closes the segments that are kept open for reading, so that what was removed meanwhile gives its room back.
    public func closeSegments() { segments.withLock { $0.forgetAll() } }

    /// The header of the message's record, if it is at this place.
    private func header(of location: SpoolLocation, at offset: Int, in open: OpenSegment) throws -> RecordHeader? {
        let line = try open.file.read(RecordHeader.length, at: offset)
        let header = line.withUnsafeBytes { RecordHeader.parse($0, nonce: open.nonce, hasher: SHA256Hasher()) }
        guard let header, header.kind == .message || header.kind == .large,
            MessageID(bytes: header.name) == location.id
        else { return nil }
        return header
    }

    /// Where the record of a message stands now, found by reading the headers from the beginning.
    private func offset(of location: SpoolLocation, in open: OpenSegment) throws -> Int? {
        if try header(of: location, at: location.position.offset, in: open) != nil { return location.position.offset }
        var scanner = RecordScanner(
            file: open.file, nonce: open.nonce, from: FileHeader.segmentLength, end: try open.file.size(),
            verifiesMessages: false)
        while let item = try scanner.next() {
            if case .record(let record) = item, MessageID(bytes: record.header.name) == location.id {
                return record.offset
            }
        }
        return nil
    }

    private func bytes(of location: SpoolLocation, _ header: RecordHeader, at offset: Int, in open: OpenSegment) throws
        -> [UInt8]
    {
        let bytes: [UInt8]
        if header.kind == .large {
            bytes = try fileSystem.open(layout.largeFile(location.id), .readOnly).read(header.messageLength, at: 0)
        } else {
            bytes = try open.file.read(
                header.messageLength, at: offset + RecordHeader.length + header.envelopeLength)
        }
        guard bytes.count == header.messageLength, SHA256Hasher.digest(bytes) == header.digest else {
            throw damaged(location, "its bytes are not those that were accepted")
        }
        return bytes
    }

    func damaged(_ location: SpoolLocation, _ finding: String) -> SpoolError {
        SpoolError(
            code: .damaged,
            message:
                "message \(location.id) in \(layout.segment(location.position.segment)) at byte \(location.position.offset): \(finding); run `layover fsck`"
        )
    }
}

/// A segment that is open for reading.
struct OpenSegment {
    let number: Int
    let file: any SpoolFile
    let nonce: [UInt8]
}

/// A few segments kept open for reading.
struct OpenSegments {
    private static let capacity = 16
    private var open: [OpenSegment] = []

    mutating func file(_ number: Int, layout: SpoolLayout, fileSystem: any SpoolFileSystem) throws -> OpenSegment {
        if let found = open.first(where: { $0.number == number }) { return found }
        let path = layout.segment(number)
        let file = try fileSystem.open(path, .readOnly)
        guard case .opened(let opened) = try SegmentOpening.open(file, size: file.size(), number: number) else {
            throw SpoolError(code: .damaged, message: "\(path): not the segment of this number; run `layover fsck`")
        }
        if open.count >= Self.capacity { open.removeFirst() }
        let segment = OpenSegment(number: number, file: file, nonce: opened.nonce)
        open.append(segment)
        return segment
    }

    mutating func forget(_ number: Int) { open.removeAll { $0.number == number } }
    mutating func forgetAll() { open.removeAll() }
}

extension SpoolFileSystem {
    /// Opens a file for reading; nil where there is none.
    func openIfThere(_ path: String) throws -> (any SpoolFile)? {
        do {
            return try open(path, .readOnly)
        } catch let error as SpoolError where error.code == .missing {
            return nil
        }
    }
}

extension RecordScanner {
    /// The message of a record, without its head; nil where it makes no sense as one.
    mutating func message(_ record: ScannedRecord, segment: Int) throws -> SpooledMessage? {
        let header = record.header
        guard header.kind == .message || header.kind == .large, let id = MessageID(bytes: header.name) else {
            return nil
        }
        let envelope = try withBytes(of: record, from: 0, count: header.envelopeLength) {
            EnvelopeLines.decode($0, id: id)
        }
        guard let envelope else { return nil }
        return SpooledMessage(
            position: SpoolPosition(segment: segment, offset: record.offset),
            end: SpoolPosition(segment: segment, offset: record.offset + header.recordLength), envelope: envelope,
            length: header.messageLength, digest: header.digest, isLarge: header.kind == .large)
    }
}
