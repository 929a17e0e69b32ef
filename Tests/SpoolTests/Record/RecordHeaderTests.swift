import MailModel
import Testing

@testable import Spool

@Suite("The lines that begin files and records")
struct RecordHeaderTests {
    private let nonce = FileHeader.freshNonce()
    private let hasher = SHA256Hasher()

    private func line(
        kind: RecordHeader.Kind = .message, envelopeLength: Int = 123, messageLength: Int = 4_567, synced: Int = 85
    ) -> [UInt8] {
        let prefix = RecordHeader.prefix(
            nonce: nonce, kind: kind, name: MessageID(high: 5, low: 6).bytes, envelopeLength: envelopeLength,
            messageLength: messageLength, digest: SHA256Hasher.digest([1, 2, 3]), synced: synced)
        return RecordHeader.finish(prefix, recordDigest: SHA256Hasher.digest([4]), hasher: hasher)
    }

    private func parse(_ bytes: [UInt8]) -> RecordHeader? {
        bytes.withUnsafeBytes { RecordHeader.parse($0, nonce: nonce, hasher: hasher) }
    }

    @Test(
        "A record header has its documented length and comes back whole",
        arguments: [RecordHeader.Kind.message, .large, .act, .seal], [0, 1, 99_999_999])
    func roundTrip(kind: RecordHeader.Kind, envelope: Int) throws {
        let (message, synced) = (99_999_999_999_999 - envelope, 99_999_999_999_999)
        let line = line(kind: kind, envelopeLength: envelope, messageLength: message, synced: synced)
        #expect(line.count == RecordHeader.length)
        let header = try #require(parse(line))
        #expect(header.kind == kind)
        #expect(header.envelopeLength == envelope)
        #expect(header.messageLength == message)
        #expect(header.synced == synced)
        #expect(header.name == MessageID(high: 5, low: 6).bytes)
        #expect(header.digest == SHA256Hasher.digest([1, 2, 3]))
        #expect(header.recordDigest == SHA256Hasher.digest([4]))
        #expect(header.recordLength == RecordHeader.length + envelope + (kind == .message ? message : 0) + 1)
    }

    @Test("A record header with any byte changed is not believed")
    func flipped() {
        let line = line()
        for index in line.indices {
            for mask in [1, 0x20, 0x80] as [UInt8] {
                var broken = line
                broken[index] ^= mask
                #expect(parse(broken) == nil, "byte \(index)")
            }
        }
        #expect(parse(Array(line.dropLast())) == nil)
        #expect(parse([]) == nil)
    }

    @Test("A record header of another file is not believed")
    func otherNonce() {
        let other = FileHeader.freshNonce()
        #expect(line().withUnsafeBytes { RecordHeader.parse($0, nonce: other, hasher: hasher) } == nil)
    }

    @Test(
        "The first line of a file comes back whole, and with any byte changed it does not",
        arguments: [FileHeader.Kind.segment, .journal])
    func fileHeader(kind: FileHeader.Kind) {
        var header = FileHeader(
            kind: kind, number: 12_345_678, nonce: nonce, created: Timestamp(milliseconds: 1_795_255_200_123))
        if kind == .journal {
            header.sequence = 987_654_321
            header.chain = SHA256Hasher.digest([9])
        }
        let line = header.encode(hasher: hasher)
        #expect(line.count == FileHeader.length(kind))
        #expect(FileHeader.parse(line, kind: kind, hasher: hasher) == header)
        #expect(FileHeader.parse(Array(line.dropLast()), kind: kind, hasher: hasher) == nil)
        for index in line.indices {
            var broken = line
            broken[index] ^= 1
            #expect(FileHeader.parse(broken, kind: kind, hasher: hasher) == nil, "byte \(index)")
        }
    }

    static let numbers: [(String, Int?)] = [
        ("00000000", 0), ("00000012", 12), ("99999999", 99_999_999), ("0000001 ", nil), ("-0000001", nil),
        ("+0000001", nil),
        ("9223372036854775807", .max), ("9223372036854775808", nil), ("99999999999999999999", nil),
    ]

    @Test("Numbers of fixed width are digits only and do not overflow", arguments: numbers)
    func fixedWidth(text: String, number: Int?) {
        #expect(Array(text.utf8).withUnsafeBytes { FixedWidth.parse($0) } == number)
    }
}
