import Testing

@testable import Receiver

@Suite("Hops")
struct HopCountTests {
    private func hops(_ text: String) -> Int { Array(text.utf8).withUnsafeBytes { HopCount.of($0) } }

    @Test(
        "Only trace lines of the header count",
        arguments: [
            ("", 0), ("Received: a\r\n\tb\r\nRECEIVED: c\r\nreceived:d\r\n\r\nReceived: body\r\n", 3),
            ("\r\nReceived: body\r\n", 0), ("X-Received: a\r\n Received: folded\r\nReceived\r\n", 0), ("Received:", 1),
            ("Received", 0),
            ("Received: no end of header", 1), ("\n", 0),
        ])
    func count(text: String, expected: Int) { #expect(hops(text) == expected) }

    @Test("A header without end is not searched for ever")
    func endless() {
        #expect(hops(String(repeating: "Received: x\r\n", count: 100_000)) < 25_000)
    }
}
