import NIOCore
import SMTPProtocol
import Testing

@testable import Receiver

@Suite("Rates of clients")
struct ClientRateTests {
    private func client(_ text: String) throws -> ClientNetwork {
        ClientNetwork(try SocketAddress(ipAddress: text, port: 1))
    }

    private func second(_ second: UInt64) -> NIODeadline { .uptimeNanoseconds(second * 1_000_000_000) }

    @Test("So many a minute and no more; the minute before fades out")
    func rate() throws {
        let rate = ClientRate(perMinute: 3, clients: 10)
        let (one, other) = (try client("192.0.2.1"), try client("192.0.2.2"))
        for _ in 0..<3 { #expect(rate.count(one, now: second(120))) }
        #expect(!rate.count(one, now: second(179)))
        #expect(rate.isSpent(by: one, now: second(179)))
        #expect(rate.count(other, now: second(179)))
        // Of the four of the minute before, two count at its middle.
        #expect(rate.count(one, now: second(210)))
        #expect(!rate.count(one, now: second(210)))
        #expect(rate.count(one, now: second(1_000)))
    }

    @Test("0 means no limit, and clients beyond the memory are not limited")
    func unlimited() throws {
        let none = ClientRate(perMinute: 0, clients: 10)
        for _ in 0..<100 { #expect(none.count(try client("192.0.2.1"), now: second(1))) }
        let small = ClientRate(perMinute: 1, clients: 1)
        #expect(small.count(try client("192.0.2.1"), now: second(1)))
        #expect(!small.count(try client("192.0.2.1"), now: second(1)))
        for _ in 0..<3 { #expect(small.count(try client("192.0.2.2"), now: second(1))) }
    }

    @Test("Admission names the limit that was reached")
    func named() throws {
        var limits = ReceiverLimits()
        (limits.sessions, limits.sessionsPerClient, limits.sessionsPerNetwork) = (100, 2, 3)
        (limits.connectionsPerMinute, limits.abortsPerMinute) = (4, 2)
        let admission = SessionAdmission(limits: limits)
        let now = second(60)
        func admit(_ text: String) throws -> ReceiverLimit? { admission.admit(try client(text), now: now).limit }
        #expect(try (0..<3).map { _ in try admit("192.0.2.1") } == [nil, nil, .sessionsPerClient])
        #expect(try admit("192.0.2.2") == .sessionsPerNetwork)
        for text in ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"] { admission.leave(try client(text)) }
        for _ in 0..<2 {
            #expect(try admit("192.0.2.1") == nil)
            admission.leave(try client("192.0.2.1"))
        }
        #expect(try admit("192.0.2.1") == .connectionsPerMinute)
        for _ in 0..<2 { admission.noteAbort(of: try client("198.51.100.1"), now: now) }
        #expect(try admit("198.51.100.1") == .abortsPerMinute)
        for _ in 0..<10 { #expect(try admit("127.0.0.1") == nil) }
    }
}
