import MailModel
import Synchronization

extension SpoolReader {
    /// Bytes that are handed over at a time.
    private static let pieceLength = 1 << 20

    /// What the record of one message tells: envelope, length, digest. Reads no message bytes.
    ///
    /// Throws `.damaged` where the record is not as it was written, `.missing` where its segment is gone.
    public func message(at location: SpoolLocation) throws -> SpooledMessage {
        let (header, start, segment) = try record(of: location)
        let record = try segment.file.read(RecordHeader.length + header.envelopeLength, at: start)
        let envelope = record.withUnsafeBytes { bytes -> Envelope? in
            guard bytes.count == RecordHeader.length + header.envelopeLength,
                header.isSound(in: bytes, verifiesMessage: false, hasher: SHA256Hasher())
            else { return nil }
            return EnvelopeLines.decode(
                UnsafeRawBufferPointer(rebasing: bytes[RecordHeader.length...]), id: location.id)
        }
        guard let envelope else { throw damaged(location, "its envelope is not what was accepted") }
        return SpooledMessage(
            position: SpoolPosition(segment: segment.number, offset: start),
            end: SpoolPosition(segment: segment.number, offset: start + header.recordLength), envelope: envelope,
            length: header.messageLength, digest: header.digest, isLarge: header.kind == .large)
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
            let record = try record(of: message.location)
            file = record.segment.file
            start = record.offset + RecordHeader.length + record.header.envelopeLength
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
