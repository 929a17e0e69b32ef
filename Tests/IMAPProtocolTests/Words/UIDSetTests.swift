import Testing

@testable import IMAPProtocol

struct UIDSetTests {
    static func set(_ numbers: [UInt32]) -> UIDSet { UIDSet(numbers.compactMap(UID.init)) }

    @Test(
        "UIDs are joined to ranges",
        arguments: [
            ([4, 5, 6, 9], "4:6,9"), ([9, 4, 6, 5, 5], "4:6,9"), ([1], "1"), ([], ""),
            ([4_294_967_294, 4_294_967_295], "4294967294:4294967295"),
        ] as [([UInt32], String)])
    func text(numbers: [UInt32], text: String) { #expect(Self.set(numbers).text == text) }

    @Test(
        "A set knows its members",
        arguments: [(3, false), (4, true), (6, true), (7, false), (9, true), (10, false)] as [(UInt32, Bool)])
    func contains(number: UInt32, isMember: Bool) throws {
        #expect(try Self.set([4, 5, 6, 9]).contains(#require(UID(number))) == isMember)
    }

    @Test(
        "Sets are split by count and by length, and lose nothing",
        arguments: [(1, 100), (3, 100), (500, 30), (500, 10_000), (0, 0)])
    func split(count: Int, length: Int) {
        let numbers = (1...300).map { UInt32($0 * 2 + $0 % 3) }
        let sets = Self.set(numbers).split(count: count, length: length)
        #expect(sets.allSatisfy { $0.count <= max(1, count) && $0.text.utf8.count <= max(length, 22) })
        #expect(sets.map(\.text).joined(separator: ",").isEmpty == false)
        #expect(sets.reduce(0) { $0 + $1.count } == Self.set(numbers).count)
        #expect(numbers.compactMap(UID.init).allSatisfy { uid in sets.contains { $0.contains(uid) } })
    }

    @Test("The whole space of UIDs is one range and can be split")
    func whole() throws {
        let all = UIDSet(try #require(UID(1))...(try #require(UID(.max))))
        #expect(all.count == 4_294_967_295)
        #expect(all.split(count: 1 << 31, length: 100).map(\.text) == ["1:2147483648", "2147483649:4294967295"])
    }
}
