import NIOCore
import Testing

@testable import Receiver

@Suite("Networks")
struct IPNetworkTests {
    private func address(_ text: String) throws -> SocketAddress { try SocketAddress(ipAddress: text, port: 1) }

    @Test(
        "A network holds its own addresses and no other, on both sides of its edges",
        arguments: [
            ("192.0.2.0/24", ["192.0.2.0", "192.0.2.255", "::ffff:192.0.2.7"], ["192.0.1.255", "192.0.3.0", "::1"]),
            ("192.0.2.1", ["192.0.2.1"], ["192.0.2.0", "192.0.2.2"]),
            ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["2001:db8::1"]),
            ("2001:db8::/32", ["2001:db8::", "2001:db8:ffff::1"], ["2001:db7:ffff::1", "2001:db9::", "192.0.2.1"]),
            ("2001:db8::/65", ["2001:db8::7fff:0:0:0"], ["2001:db8::8000:0:0:0"]),
            ("::/0", ["::1", "192.0.2.1"], []),
        ])
    func members(_ network: String, _ inside: [String], _ outside: [String]) throws {
        let networks = [try #require(IPNetwork(network))]
        for text in inside { #expect(try networks.contains(address(text)), "\(text)") }
        for text in outside { #expect(try !networks.contains(address(text)), "\(text)") }
        #expect(!networks.contains(nil as SocketAddress?))
    }

    @Test(
        "What is no network is refused",
        arguments: [
            "", "/", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+8", "192.0.2.1/24", "2001:db8::/129",
            "2001:db8::1/64", "example.com", "192.0.2", "192.0.2.0/24/8", "192.0.2.0/ 24",
        ])
    func malformed(_ text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test("The neighbourhood of a client is its /24 or its /48")
    func neighbourhood() throws {
        func near(_ text: String) throws -> ClientNetwork { ClientNetwork(try address(text)).neighbourhood }
        #expect(try near("192.0.2.1") == near("192.0.2.254"))
        #expect(try near("192.0.2.1") != near("192.0.3.1"))
        #expect(try near("2001:db8:1:2::1") == near("2001:db8:1:ffff::1"))
        #expect(try near("2001:db8:1::") != near("2001:db8:2::"))
        #expect(
            try ClientNetwork(address("127.9.9.9")).speaksForOthers && ClientNetwork(address("::1")).speaksForOthers)
        #expect(
            try !ClientNetwork(address("128.0.0.1")).speaksForOthers && !ClientNetwork(address("::2")).speaksForOthers)
    }
}
