import Testing

@testable import Layover

@Suite struct ListenAddressTests {
    @Test(
        "An IP address and a port are taken and shown alike",
        arguments: ["0.0.0.0:25", "[::]:25", "[2001:db8::1]:0", "127.0.0.1:65535"])
    func taken(_ text: String) throws {
        #expect(try #require(ListenAddress(text)).description == text)
    }

    @Test(
        "A name, a missing port or bracket, and a port that is none are refused",
        arguments: [
            "", ":", ":25", "25", "*:25", "localhost:25", "0.0.0.0", "0.0.0.0:", "0.0.0.0:x", "0.0.0.0:+25",
            "0.0.0.0:65536", "::25",
            "[]:25", "[::]", "[::]25", "[::", "[127.0.0.1]:25", "127.1:25", "0.0.0.0:99999999999999999999", "[::]]:25",
        ])
    func refused(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
