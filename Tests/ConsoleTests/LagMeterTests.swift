import MailModel
import Spool
import Testing

@testable import Console

@Suite("How far the Ledger is behind")
struct LagMeterTests {
    private func at(_ offset: Int, _ segment: Int = 1) -> SpoolPosition {
        SpoolPosition(segment: segment, offset: offset)
    }
    private func time(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds) }

    @Test("It counts from when the oldest unread end was first seen")
    func lag() {
        var meter = LagMeter()
        #expect(meter.lagSeconds(end: at(100), read: at(100), now: time(0)) == 0)
        #expect(meter.lagSeconds(end: at(200), read: at(100), now: time(10)) == 0)
        #expect(meter.lagSeconds(end: at(300), read: at(150), now: time(15)) == 5)
        #expect(meter.lagSeconds(end: at(300), read: at(200), now: time(20)) == 5)
        #expect(meter.lagSeconds(end: at(50, 2), read: at(300), now: time(30)) == 0)
        #expect(meter.lagSeconds(end: at(50, 2), read: at(50, 2), now: time(40)) == 0)
    }

    @Test("A clock that goes back, and very many ends, do no harm")
    func limits() {
        var meter = LagMeter()
        _ = meter.lagSeconds(end: at(1), read: at(0), now: time(100))
        #expect(meter.lagSeconds(end: at(1), read: at(0), now: time(50)) == 0)
        for offset in 2..<2_000 { _ = meter.lagSeconds(end: at(offset), read: at(0), now: time(Int64(100 + offset))) }
        #expect(meter.lagSeconds(end: at(2_000), read: at(0), now: time(1_100)) == 1_000)
    }
}
