import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("Waves")
struct WaveTests {
    @Test("waves come with the roster, and are closed once")
    func waves() throws {
        let fixture = try LedgerFixture()
        fixture.spool.journal(.waveClosed(name: "1", why: "done"))
        try fixture.ledger.catchUp()
        let waves = try fixture.ledger.waves(now: .now())
        #expect(waves.map(\.name) == ["1", "2"])
        #expect(waves.map { $0.closedAt != nil } == [true, false])
        #expect(waves.map(\.mailboxes) == [1, 1])
    }

    @Test("a cutover that is still to come is scheduled, and counts as one when its time is there")
    func scheduledWave() throws {
        let fixture = try LedgerFixture()
        let time = Timestamp(milliseconds: 1_900_000_000_000)
        fixture.spool.journal(.cutover(mailboxIDs: ["m-anna"], at: time, why: ""))
        try fixture.ledger.catchUp()
        for (now, counts) in [(time.adding(milliseconds: -1), [0, 1]), (time, [1, 0])] {
            let wave = try #require(try fixture.ledger.wave(named: "1", now: now))
            #expect([wave.cutOver, wave.scheduled] == counts)
        }
    }
}
