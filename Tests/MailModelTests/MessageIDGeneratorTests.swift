import MailModel
import Testing

@Suite("Making message ids under a clock that jumps")
struct MessageIDGeneratorTests {
    /// Back and forth by hours, to 1970, to the last time that fits, and beyond.
    static let clocks: [[Int64]] = [
        [1_790_000_000_000, 1_790_000_000_000, 1_789_996_400_000, 1_790_000_000_001, 1_789_000_000_000],
        [0, -1, .min, 1, 0], [2_208_988_800_000, 1_790_000_000_000, 1_790_000_000_500],
        [.max, 0, .max, 1_790_000_000_000], [(1 << 48) - 1, 1 << 48, 5],
    ]

    @Test("Every id sorts behind the one before, and none comes twice", arguments: clocks)
    func ordered(clock: [Int64]) {
        var generator = MessageIDGenerator()
        var ids: [MessageID] = []
        for time in clock { for _ in 0..<2_000 { ids.append(generator.next(now: Timestamp(milliseconds: time))) } }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
    }

    @Test("While the clock goes on, an id has its time")
    func time() {
        var generator = MessageIDGenerator()
        for time in [5, 6, 1_790_000_000_000] as [Int64] {
            #expect(generator.next(now: Timestamp(milliseconds: time)).milliseconds == UInt64(time))
        }
    }

    @Test("After a restart with the clock set back, ids go on behind the newest one")
    func restart() {
        var first = MessageIDGenerator()
        let last = first.next(now: Timestamp(milliseconds: 1_790_000_000_000))
        var second = MessageIDGenerator(notBefore: last.milliseconds)
        let next = second.next(now: Timestamp(milliseconds: 1_000))
        #expect(next.milliseconds >= last.milliseconds)
        #expect(next != last)
    }

    @Test("Two processes with the same clock make different ids")
    func apart() {
        var generators = [MessageIDGenerator(), MessageIDGenerator()]
        var ids: Set<MessageID> = []
        for index in 0..<10_000 { ids.insert(generators[index % 2].next(now: Timestamp(milliseconds: 7))) }
        #expect(ids.count == 10_000)
    }
}
