import Spool
import Testing

@testable import Replayer

/// Messages and octets a second.
struct DeliveryPaceTests {
    @Test("Without an order nothing waits")
    func free() {
        let pace = DeliveryPace()
        pace.order(Throttle(target: "t", connections: 1))
        #expect((0..<3).allSatisfy { _ in pace.take("t", messages: 100, bytes: 1 << 30) == nil })
    }

    @Test("A batch begins when the one before it has had its time, by the slower of the two rates")
    func rates() throws {
        let pace = DeliveryPace()
        pace.order(Throttle(target: "t", messagesPerSecond: 10, bytesPerSecond: 1000))
        #expect(pace.take("t", messages: 600_000, bytes: 1) == nil)
        let second = try #require(pace.take("t", messages: 100, bytes: 1))
        let third = try #require(pace.take("t", messages: 1, bytes: 50_000))
        let fourth = try #require(pace.take("t", messages: 1, bytes: 1))
        #expect(third - second == .seconds(10) && fourth - third == .seconds(50))
        #expect(pace.holds("t", until: second))
        #expect(pace.take("other", messages: 100, bytes: 1) == nil)
    }

    @Test("A new order lets go what waits by the old one")
    func newOrder() throws {
        let pace = DeliveryPace()
        pace.order(Throttle(target: "t", messagesPerSecond: 1))
        _ = pace.take("t", messages: 100_000, bytes: 1)
        let start = try #require(pace.take("t", messages: 1, bytes: 1))
        #expect(pace.holds("t", until: start))
        pace.order(Throttle(target: "t"))
        #expect(!pace.holds("t", until: start))
        #expect(pace.take("t", messages: 1, bytes: 1) == nil)
    }
}
