import MailModel
import Synchronization

extension SpoolReader {
    /// Bytes that are handed over at a time.
    private static let pieceLength = 1 << 20

    /// What the record of one message tells: envelope, length, digest. Reads no message bytes.
    ///
    /// Throws `.damaged` where the record is not as it was written, `.missing` where its segment is gone.
    public func message(at location: SpoolLocation) throws -> SpooledMessage {
        let (number, start) = (location.position.segment, location.position.offset)
        let (file, nonce) = try segments.withLock { try $0.file(number, layout: layout, fileSystem: fileSystem) }
        let hasher = SHA256Hasher()
        let line = try file.read(RecordHeader.length, at: start)
        guard let header = line.withUnsafeBytes({ RecordHeader.parse($0, nonce: nonce, hasher: hasher) }),
            header.kind == .message || header.kind == .large, MessageID(bytes: header.name) == location.id
        else { throw damaged(location, "its record is not where the index says") }
        let record = try file.read(RecordHeader.length + header.envelopeLength, at: start)
        let envelope = record.withUnsafeBytes { bytes -> Envelope? in
            guard bytes.count == RecordHeader.length + header.envelopeLength,
                header.isSound(in: bytes, verifiesMessage: false, hasher: hasher)
            else { return nil }
            return EnvelopeLines.decode(
                UnsafeRawBufferPointer(rebasing: bytes[RecordHeader.length...]), id: location.id)
        }
        guard let envelope else { throw damaged(location, "its envelope is not what was accepted") }
        return SpooledMessage(
            position: location.position, end: SpoolPosition(segment: number, offset: start + header.recordLength),
            envelope: envelope, length: header.messageLength, digest: header.digest, isLarge: header.kind == .large)
    }

    /// Hands over the stored bytes in order, in pieces, so that a large message costs no more memory than a small one.
    ///
    /// Throws `.damaged` behind the last piece where they are not those that were accepted: what was made of the pieces must
    /// then be thrown away. `.missing` where the file is gone.
    public func content(of message: SpooledMessage, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let file: any SpoolFile
        let start: Int
        if message.isLarge {
            file = try fileSystem.open(layout.largeFile(message.id), .readOnly)
            start = 0
        } else {
            let number = message.position.segment
            file = try segments.withLock { try $0.file(number, layout: layout, fileSystem: fileSystem) }.file
            start = message.end.offset - 1 - message.length
        }
        let hasher = SHA256Hasher()
        var offset = 0
        while offset < message.length {
            let piece = try file.read(min(Self.pieceLength, message.length - offset), at: start + offset)
            guard !piece.isEmpty else { throw damaged(message.location, "it is shorter than what was accepted") }
            piece.withUnsafeBytes { hasher.update($0) }
            try piece.withUnsafeBytes { try body($0) }
            offset += piece.count
        }
        guard hasher.finish() == message.digest else {
            throw damaged(message.location, "its bytes are not those that were accepted")
        }
    }
}
