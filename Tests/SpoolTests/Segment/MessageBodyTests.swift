import Testing

@testable import Spool

@Suite("The memory of a body")
struct MessageBodyTests {
    private static func body(expecting expected: Int, filledWith octets: Int) -> MessageBody {
        let body = MessageBody(capacity: min(expected, 16 << 10), expected: expected)
        for start in stride(from: 0, to: octets, by: 1_000) {
            body.append([UInt8](repeating: 7, count: min(1_000, octets - start)))
        }
        return body
    }

    @Test("It is in proportion to what has come, whatever was expected", arguments: [0, 1_000, 75_000, 26_000_000])
    func growth(expected: Int) {
        for octets in [0, 1, 16 << 10, (16 << 10) + 1, 70_000, 80_000, 1_000_000] {
            let body = Self.body(expecting: expected, filledWith: octets)
            #expect(body.footprint <= max(16 << 10, 4 * octets), "\(octets)")
            #expect(body.count == octets && body.bytes.allSatisfy { $0 == 7 })
        }
    }

    @Test("A body of the size that was expected occupies no more than that", arguments: [16 << 10, 75_000, 1_000_000])
    func expected(size: Int) {
        #expect(Self.body(expecting: size, filledWith: size).footprint == size)
    }
}
