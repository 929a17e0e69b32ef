public import MailModel

/// The one line that begins every record, in segments and in the journal.
///
///     LAYOVER1 <nonce> <kind> <id> <envelope> <length> <digest> <synced> <record> <check>\n
///
/// Each field has a fixed width, so a reader finds them by position and a person reads them in `less`.
public struct RecordHeader: Hashable, Sendable {
    /// What the record holds.
    public enum Kind: UInt8, Sendable {
        /// A message whose bytes follow.
        case message = 0x4D  // M
        /// A message whose bytes are in `large/<id>`.
        case large = 0x4C  // L
        /// An act of the journal; the name is its sequence number.
        case act = 0x4A  // J
        /// The end of a file that was closed in order.
        case seal = 0x53  // S
    }

    /// The length of the line with its LF.
    public static let length = 241
    /// The longest envelope (or act) whose length fits its field.
    static let maximumEnvelopeLength = 99_999_999
    /// Where the nonce stands in the line.
    static let nonceRange = 9..<25
    /// The first word of every line that Layover writes into a spool file: name and version of the format.
    static let magic = Array("LAYOVER1 ".utf8)

    public var kind: Kind
    /// 26 characters: a message id, or a number padded with zeros.
    public var name: [UInt8]
    /// Bytes of the envelope lines (of the content, in the journal) that follow the header.
    public var envelopeLength: Int
    /// Bytes of the message, wherever they are.
    public var messageLength: Int
    /// SHA-256 of the message (of the content, in the journal).
    public var digest: SHA256Digest
    /// Bytes of the file that were on stable storage when the record was written.
    public var synced: Int
    /// SHA-256 over the header before it and the envelope; in the journal, the chain.
    public var recordDigest: SHA256Digest

    /// The name as a person reads it, for a finding.
    var nameText: String { String(decoding: name, as: UTF8.self) }

    /// Bytes of the whole record, with the LF that ends it.
    public var recordLength: Int {
        Self.length + envelopeLength + (kind == .message ? messageLength : 0) + 1
    }
}

extension RecordHeader {
    private static let offsets = (
        nonce: 9, kind: 26, name: 28, envelope: 55, length: 64, digest: 79, synced: 144, record: 159, check: 224
    )

    /// The header up to the record digest, which covers it.
    static func prefix(
        nonce: [UInt8], kind: Kind, name: [UInt8], envelopeLength: Int, messageLength: Int, digest: SHA256Digest,
        synced: Int
    ) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(length)
        appendPrefix(
            to: &line, nonce: nonce, kind: kind, name: name, envelopeLength: envelopeLength,
            messageLength: messageLength,
            digest: digest, synced: synced)
        return line
    }

    /// As `prefix`, at the end of `line`.
    static func appendPrefix(
        to line: inout [UInt8], nonce: [UInt8], kind: Kind, name: [UInt8], envelopeLength: Int, messageLength: Int,
        digest: SHA256Digest, synced: Int
    ) {
        line += magic
        line += nonce
        line.append(space)
        line.append(kind.rawValue)
        line.append(space)
        line += name
        line.append(space)
        FixedWidth.append(envelopeLength, width: 8, to: &line)
        line.append(space)
        FixedWidth.append(messageLength, width: 14, to: &line)
        line.append(space)
        digest.appendHex(to: &line)
        line.append(space)
        FixedWidth.append(synced, width: 14, to: &line)
        line.append(space)
    }

    /// Completes a prefix with the record digest, the check and the LF.
    static func finish(_ prefix: [UInt8], recordDigest: SHA256Digest, hasher: SHA256Hasher) -> [UInt8] {
        var line = prefix
        appendEnd(to: &line, from: 0, recordDigest: recordDigest, hasher: hasher)
        return line
    }

    /// As `finish`, for the prefix that begins at `start` and ends with `line`.
    static func appendEnd(to line: inout [UInt8], from start: Int, recordDigest: SHA256Digest, hasher: SHA256Hasher) {
        recordDigest.appendHex(to: &line)
        line.append(space)
        line.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        Hexadecimal.append(hasher.finish().words.0, to: &line)
        line.append(lineFeed)
    }

    /// The first 16 hexadecimal digits of the SHA-256 of a line's beginning.
    static func check(_ line: [UInt8], hasher: SHA256Hasher) -> [UInt8] {
        line.withUnsafeBytes { hasher.update($0) }
        return Hexadecimal.encode(hasher.finish().words.0)
    }

    /// Reads a header; nil where the bytes are none, carry another nonce, or do not fit their check.
    static func parse(_ bytes: UnsafeRawBufferPointer, nonce: [UInt8], hasher: SHA256Hasher) -> RecordHeader? {
        guard bytes.count >= length, bytes[length - 1] == lineFeed, bytes[..<9].elementsEqual(magic),
            bytes[offsets.nonce..<offsets.nonce + 16].elementsEqual(nonce)
        else { return nil }
        hasher.update(UnsafeRawBufferPointer(rebasing: bytes[..<offsets.check]))
        guard bytes[offsets.check..<offsets.check + 16].elementsEqual(Hexadecimal.encode(hasher.finish().words.0)),
            let kind = Kind(rawValue: bytes[offsets.kind]),
            let envelope = number(bytes, offsets.envelope, 8), let message = number(bytes, offsets.length, 14),
            let synced = number(bytes, offsets.synced, 14),
            let digest = SHA256Digest(
                hex: UnsafeRawBufferPointer(rebasing: bytes[offsets.digest..<offsets.digest + 64])),
            let record = SHA256Digest(
                hex: UnsafeRawBufferPointer(rebasing: bytes[offsets.record..<offsets.record + 64]))
        else { return nil }
        return RecordHeader(
            kind: kind, name: Array(bytes[offsets.name..<offsets.name + 26]), envelopeLength: envelope,
            messageLength: message, digest: digest, synced: synced, recordDigest: record)
    }

    /// The record digest that the header and these envelope bytes ought to have.
    static func expectedDigest(
        header: UnsafeRawBufferPointer, envelope: UnsafeRawBufferPointer, hasher: SHA256Hasher
    ) -> SHA256Digest {
        hasher.update(UnsafeRawBufferPointer(rebasing: header[..<offsets.record]))
        hasher.update(envelope)
        return hasher.finish()
    }

    /// Whether the envelope (the content, in the journal), and the message bytes if they are asked for, are those of this header.
    ///
    /// `record` begins with the header and holds at least what is looked at.
    func isSound(in record: UnsafeRawBufferPointer, verifiesMessage: Bool, hasher: SHA256Hasher) -> Bool {
        let envelopeEnd = Self.length + envelopeLength
        let envelope = UnsafeRawBufferPointer(rebasing: record[Self.length..<envelopeEnd])
        if kind == .act {
            // The record digest is the chain, which the journal's reader follows. Blank content was erased by law.
            hasher.update(envelope)
            return hasher.finish() == digest || envelope.allSatisfy { $0 == space || $0 == lineFeed }
        }
        guard Self.expectedDigest(header: record, envelope: envelope, hasher: hasher) == recordDigest else {
            return false
        }
        guard verifiesMessage, kind == .message else { return true }
        hasher.update(UnsafeRawBufferPointer(rebasing: record[envelopeEnd..<envelopeEnd + messageLength]))
        return hasher.finish() == digest
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ width: Int) -> Int? {
        FixedWidth.parse(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + width]))
    }
}

let space = UInt8(ascii: " ")
let lineFeed = UInt8(ascii: "\n")
