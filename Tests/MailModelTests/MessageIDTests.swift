import MailModel
import Testing

@Suite("Message ids")
struct MessageIDTests {
    static let bits: [(UInt64, UInt64)] = [
        (0, 0), (.max, .max), (0, .max), (.max, 0), (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210),
        (1, 0x8000_0000_0000_0000),
    ]

    @Test("Text and bits are each other's inverse", arguments: bits)
    func roundTrip(high: UInt64, low: UInt64) {
        let id = MessageID(high: high, low: low)
        #expect(id.description.utf8.count == MessageID.textLength)
        #expect(MessageID(id.description) == id)
        #expect(MessageID(bytes: id.bytes) == id)
    }

    @Test("Sorting the text sorts the ids, and ids sort by time")
    func order() {
        var random = SystemRandomNumberGenerator()
        let ids = (0..<500).map { _ in MessageID(high: random.next(), low: random.next()) }.sorted()
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
        #expect(MessageID(milliseconds: 1, random: .max, .max) < MessageID(milliseconds: 2, random: 0, 0))
        #expect(MessageID(milliseconds: 0xFFFF_FFFF_FFFF, random: 0, 0).milliseconds == 0xFFFF_FFFF_FFFF)
    }

    @Test(
        "Anything else is no id",
        arguments: [
            "", "0", "0000000000000000000000000", "000000000000000000000000000", "8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "0000000000000000000000000A", "0000000000000000000000000i", "0000000000000000000000000l",
            "0000000000000000000000000o",
            "0000000000000000000000000u", "0000000000000000000000000 ", "000000000000000000000000é",
            "-0000000000000000000000000",
        ])
    func refused(text: String) { #expect(MessageID(text) == nil) }

    @Test("The largest id is one letter 7 and 25 letters z")
    func largest() { #expect(MessageID(high: .max, low: .max).description == "7" + String(repeating: "z", count: 25)) }

    @Test("A generator never goes back in time, whatever the clock does")
    func generator() {
        var generator = MessageIDGenerator(notBefore: 1_000)
        let ids = [900, 1_500, 100, -5, 1_500, 1_501].map { generator.next(now: Timestamp(milliseconds: $0)) }
        #expect(ids.map(\.milliseconds) == [1_000, 1_500, 1_500, 1_500, 1_500, 1_501])
        #expect(Set(ids).count == ids.count)
    }
}
