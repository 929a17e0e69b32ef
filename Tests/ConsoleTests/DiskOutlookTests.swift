import MailModel
import Spool
import Testing

@testable import Console

@Suite("How long the disk lasts")
struct DiskOutlookTests {
    private func disk(_ hour: Int, _ day: Int, free: Int = 310 << 30, age: Int = 1_000_000) -> DiskFigures {
        var disk = SampleStatus.disk(freeGiB: 310)
        disk.freeBytes = free
        disk.growth = SpoolGrowth(bytesLastHour: hour, bytesLastDay: day, ageSeconds: age)
        return disk
    }

    @Test(
        "In words, at the higher of the two rates",
        arguments: [
            (
                0, 86_400 << 20,
                "285 GiB free above the floor, full in about 3 days 9 h at the rate of the last 24 h (1 MiB/s; 0 B/s in the last hour)"
            ),
            (
                36_000 << 20, 86_400 << 20,
                "285 GiB free above the floor, full in about 8 h 6 min at the rate of the last hour (10 MiB/s; 1 MiB/s in the last 24 h)"
            ),
            (0, 0, "285 GiB free above the floor, nothing came in the last 24 h"),
        ])
    func words(hour: Int, day: Int, text: String) {
        #expect(disk(hour, day).outlook == text)
    }

    @Test("At the floor nothing is left")
    func floor() {
        let disk = disk(1, 1, free: (25 << 30) - 1)
        #expect(disk.outlook == "at the floor: mail is put off")
        #expect(disk.secondsLeft == 0)
    }

    @Test("Less than a day, and a released reserve, are problems; the metrics say how much is left")
    func health() throws {
        let status = SampleStatus.changed {
            $0.disk = disk(36_000 << 20, 86_400 << 20)
            $0.disk.reserve = .released(floor: .mib(1))
        }
        let health = ConsoleHealth(status)
        #expect(health.isReady && health.problems.count == 2, "\(health.problems)")
        let samples = try MetricsTests.parse(MetricsPage.text(.success(status)))
        let value = { (name: String) in samples.first { $0.name == name }?.value }
        #expect(value("layover_spool_seconds_left") == 29_184)
        #expect(value("layover_spool_free_bytes") == Double(285 << 30))
        #expect(value("layover_spool_reserve_bytes") == 0)
    }

    @Test("Where nothing comes, the time left has no end; where it is not known, it is left out")
    func endless() throws {
        let still = try MetricsTests.parse(MetricsPage.text(.success(SampleStatus.changed { $0.disk = disk(0, 0) })))
        #expect(still.first { $0.name == "layover_spool_seconds_left" }?.value == .infinity)
        let unknown = try MetricsTests.parse(MetricsPage.text(.success(SampleStatus.healthy)))
        #expect(!unknown.contains { $0.name == "layover_spool_seconds_left" })
    }
}
