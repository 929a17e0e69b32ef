import MailModel
import Testing

@Suite("Hexadecimal digits and digests")
struct HexadecimalTests {
    @Test("All byte values survive, in either case")
    func roundTrip() {
        let bytes = (0...255).map { UInt8($0) }
        let digits = Hexadecimal.encode(bytes)
        #expect(digits.count == 512)
        #expect(Hexadecimal.decode(digits) == bytes)
        #expect(Hexadecimal.decode(Array(String(decoding: digits, as: UTF8.self).uppercased().utf8)) == bytes)
    }

    static let numbers: [(UInt64, String)] = [
        (0, "0000000000000000"), (.max, "ffffffffffffffff"), (0x0123_4567_89AB_CDEF, "0123456789abcdef"),
    ]

    @Test("A number has sixteen digits", arguments: numbers)
    func number(number: UInt64, text: String) {
        #expect(String(decoding: Hexadecimal.encode(number), as: UTF8.self) == text)
    }

    @Test(
        "Odd numbers of digits and other bytes are refused", arguments: ["0", "000", "0g", "g0", "0x", " 0", "0 ", "é"])
    func refuses(text: String) { #expect(Hexadecimal.decode(Array(text.utf8)) == nil) }

    @Test("A digest survives its bytes and its digits")
    func digest() throws {
        let bytes = (1...32).map { UInt8($0 * 7) }
        let digest = try #require(SHA256Digest(bytes: bytes))
        #expect(digest.bytes == bytes)
        #expect(digest.hex == String(decoding: Hexadecimal.encode(bytes), as: UTF8.self))
        #expect(SHA256Digest(hex: Array(digest.hex.uppercased().utf8)) == digest)
        #expect(SHA256Digest.zero.bytes == [UInt8](repeating: 0, count: 32))
    }

    @Test("A digest is 64 digits, no more, no fewer, and nothing else", arguments: [0, 62, 63, 65, 66])
    func digestLength(count: Int) {
        #expect(SHA256Digest(hex: [UInt8](repeating: 0x61, count: count)) == nil)
        #expect(SHA256Digest(hex: [UInt8](repeating: 0x61, count: 63) + [0x67]) == nil)
        #expect(SHA256Digest(bytes: [UInt8](repeating: 0, count: 31)) == nil)
    }
}
