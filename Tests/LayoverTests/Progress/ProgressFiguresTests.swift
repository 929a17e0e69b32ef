import Replayer
import Testing

@testable import Layover

@Suite("How far a replay is, in words")
struct ProgressFiguresTests {
    private func figures(_ delivered: Int, of messages: Int, after elapsed: Duration) -> ProgressFigures {
        var counts = ReplayProgress.Counts()
        counts.delivered = delivered
        counts.failed = 3
        counts.bytes = 5 << 20
        return ProgressFigures(counts: counts, messages: messages, mailboxes: 9, elapsed: elapsed)
    }

    @Test("The bar shows messages, bytes, rate, time left and what is parked")
    func bar() {
        let bar = figures(97, of: 200, after: .seconds(10)).bar(columns: 200)
        #expect(bar == "[##########----------] 100/200  5 MiB  10/s  10 s left  3 parked  0/9 mailboxes")
    }

    @Test("It never fills the last column, however narrow the terminal is", arguments: [40, 80, 81, 300])
    func width(columns: Int) {
        #expect(figures(123_456_789, of: 999_999_999, after: .seconds(100_000)).bar(columns: columns).count < columns)
    }

    @Test("Of what has not begun, or has nothing to do, nothing absurd is said")
    func edges() {
        var none = figures(0, of: 10, after: .zero)
        none.counts.failed = 0
        #expect(none.left == nil && none.bar(columns: 200).contains("? left"))
        none.messages = 0
        #expect(none.left == .zero && none.bar(columns: 200).hasPrefix("[####################] 0/0"))
        #expect(figures(20, of: 10, after: .seconds(1)).left == .zero)
    }

    @Test(
        "Times are told in the two units that matter",
        arguments: [(8, "8 s"), (200, "3 min 20 s"), (4_320, "1 h 12 min")])
    func times(seconds: Int, words: String) { #expect(ProgressFigures.words(.seconds(seconds)) == words) }
}
