import IMAPProtocol
import Testing

@testable import Replayer

@Suite("The ranges in which a folder is looked through")
struct UIDPagesTests {
    private func ranges(_ uidNext: UInt32, found: (ClosedRange<UInt32>) -> Int) -> [ClosedRange<UInt32>] {
        var pages = UIDPages(uidNext: uidNext)
        var ranges: [ClosedRange<UInt32>] = []
        while let range = pages.range() {
            let numbers = range.lowerBound.number...range.upperBound.number
            ranges.append(numbers)
            pages.found(found(numbers))
        }
        return ranges
    }

    @Test(
        "They cover every UID below UIDNEXT once",
        arguments: [1, 2, 500, 501, 502, 70_000, 1_000_000, .max] as [UInt32])
    func cover(uidNext: UInt32) {
        var next: UInt64 = 1
        for range in ranges(uidNext, found: { $0.lowerBound < 3_000 ? 0 : $0.lowerBound < 500_000 ? $0.count : 3 }) {
            #expect(UInt64(range.lowerBound) == next)
            next = UInt64(range.upperBound) + 1
        }
        #expect(next == UInt64(max(1, uidNext)))
    }

    @Test("Gaps are crossed in wide steps, and a crowd is read in narrow ones")
    func widths() {
        #expect(ranges(10_000_000) { _ in 0 }.count < 220)
        #expect(ranges(500_001) { $0.count }.allSatisfy { $0.count <= 4_000 })
    }
}
