import NIOCore
import TestKit
import Testing

@testable import SMTPProtocol

@Suite("PROXY headers")
struct ProxyHeaderTests {
    private static func parse(_ bytes: some Sequence<UInt8>) -> ProxyHeaderParsing {
        ProxyHeaderParser.parse(ByteBuffer(bytes: bytes))
    }

    private static func client(
        _ address: String, _ port: Int, at server: String = "198.51.100.2", _ serverPort: Int = 25
    ) throws -> ProxyHeader {
        .client(
            try SocketAddress(ipAddress: address, port: port),
            at: try SocketAddress(ipAddress: server, port: serverPort))
    }

    @Test("A line of version 1 names the client, and what stands behind it is the client's")
    func line() throws {
        let line = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\r\n"
        #expect(
            try Self.parse(Array((line + "EHLO x\r\n").utf8))
                == .header(Self.client("192.0.2.1", 56324), length: line.utf8.count))
        let other = "PROXY TCP6 2001:db8::1 2001:db8::2 0 65535\r\n"
        #expect(
            try Self.parse(Array(other.utf8))
                == .header(Self.client("2001:db8::1", 0, at: "2001:db8::2", 65535), length: other.utf8.count))
    }

    @Test("UNKNOWN is the load balancer itself, whatever stands behind it")
    func unknown() {
        for line in ["PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"] {
            #expect(Self.parse(Array(line.utf8)) == .header(.local, length: line.utf8.count))
        }
    }

    @Test(
        "A line that is not exactly as it must be is refused",
        arguments: [
            "PROXY\r\n", "PROXY \r\n", "proxy TCP4 192.0.2.1 198.51.100.2 1 2\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n", "PROXY TCP4  192.0.2.1 198.51.100.2 1 2\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.2 1 2\n", "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
            "PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n", "PROXY TCP4 192.0.2.256 198.51.100.2 1 2\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.2 65536 2\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 -1 2\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.2 +1 2\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 01 2\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.2 1 99999999999999999999\r\n", "PROXY UDP4 192.0.2.1 198.51.100.2 1 2\r\n",
            "PROXY TCP4 mail.example 198.51.100.2 1 2\r\n", "PROXY TCP4 192.0.2.1\0 198.51.100.2 1 2\r\n",
            "EHLO mail.example\r\n", "GET / HTTP/1.1\r\n", "\n", "\0", "\u{16}\u{3}\u{1}",
        ])
    func badLine(_ line: String) {
        #expect(Self.parse(Array(line.utf8)) == .invalid)
    }

    @Test("107 octets of a line are waited for, not one more")
    func longLine() {
        let line = "PROXY UNKNOWN " + String(repeating: "x", count: 200)
        #expect(Self.parse(Array(line.utf8.prefix(106))) == .needsMoreInput)
        #expect(Self.parse(Array(line.utf8.prefix(107))) == .invalid)
        #expect(Self.parse(Array(line.utf8.prefix(105)) + [13, 10]) == .header(.local, length: 107))
        #expect(Self.parse(Array(line.utf8.prefix(106)) + [13, 10]) == .invalid)
    }

    @Test("A header of version 2 names the client; extensions are stepped over")
    func binary() throws {
        let plain = BinaryHeader.bytes(0x11, BinaryHeader.ipv4)
        #expect(try Self.parse(plain + [1, 2]) == .header(Self.client("192.0.2.1", 0xDC04), length: 28))
        let extended = BinaryHeader.bytes(0x11, BinaryHeader.ipv4 + [0x03, 0, 4, 1, 2, 3, 4])
        #expect(try Self.parse(extended) == .header(Self.client("192.0.2.1", 0xDC04), length: 35))
        let six = [UInt8](repeating: 0, count: 15) + [1] + [UInt8](repeating: 0, count: 15) + [2, 0, 7, 0, 25]
        #expect(try Self.parse(BinaryHeader.bytes(0x21, six)) == .header(Self.client("::1", 7, at: "::2"), length: 52))
        // A health check, and a connection of no known family.
        #expect(Self.parse(BinaryHeader.bytes(0x11, BinaryHeader.ipv4, command: 0x20)) == .header(.local, length: 28))
        #expect(Self.parse(BinaryHeader.bytes(0x00, [], command: 0x20)) == .header(.local, length: 16))
        #expect(Self.parse(BinaryHeader.bytes(0x00, [1, 2, 3])) == .header(.local, length: 19))
    }

    @Test(
        "Who has no address of TCP comes from the socket's own: UNIX sockets, datagrams, half of it unspecified",
        arguments: [0x01, 0x02, 0x10, 0x12, 0x20, 0x22, 0x30, 0x31, 0x32] as [UInt8])
    func otherFamilies(family: UInt8) {
        let body = [UInt8](repeating: 0x2F, count: family >> 4 == 3 ? 216 : 36)
        #expect(Self.parse(BinaryHeader.bytes(family, body)) == .header(.local, length: 16 + body.count))
    }

    @Test(
        "A header of version 2 that lies is refused",
        arguments: [
            BinaryHeader.bytes(0x11, BinaryHeader.ipv4, command: 0x11),
            BinaryHeader.bytes(0x11, BinaryHeader.ipv4, command: 0x22),
            BinaryHeader.bytes(0x11, BinaryHeader.ipv4, command: 0x2F),
            // Families and transports that version 2 does not know.
            BinaryHeader.bytes(0x41, BinaryHeader.ipv4), BinaryHeader.bytes(0x13, BinaryHeader.ipv4),
            BinaryHeader.bytes(0xF0, BinaryHeader.ipv4),
            BinaryHeader.bytes(0x11, Array(BinaryHeader.ipv4.dropLast())), BinaryHeader.bytes(0x21, BinaryHeader.ipv4),
            BinaryHeader.bytes(0x11, [], length: 4081), BinaryHeader.bytes(0x11, [], length: 65_535),
        ])
    func badBinary(_ bytes: [UInt8]) {
        #expect(Self.parse(bytes) == .invalid)
    }

    @Test("Byte by byte every good header is waited for up to its last octet, and never refused")
    func byteByByte() {
        let headers = [
            Array("PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\r\n".utf8), Array("PROXY UNKNOWN\r\n".utf8),
            BinaryHeader.bytes(0x11, BinaryHeader.ipv4), BinaryHeader.bytes(0x00, [], command: 0x20),
        ]
        for header in headers {
            for count in 0..<header.count { #expect(Self.parse(header.prefix(count)) == .needsMoreInput) }
            guard case .header(_, let length) = Self.parse(header) else {
                Issue.record("\(header)")
                continue
            }
            #expect(length == header.count)
        }
    }

    @Test("Whatever octet is changed, an answer comes, and never one of more octets than there are")
    func changed() {
        var generator = SeededGenerator(seed: 4711)
        for header in [
            Array("PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\r\n".utf8), BinaryHeader.bytes(0x11, BinaryHeader.ipv4),
        ] {
            for index in header.indices {
                for _ in 0..<20 {
                    var bytes = header
                    bytes[index] = UInt8.random(in: 0...255, using: &generator)
                    if case .header(_, let length) = Self.parse(bytes) { #expect(length <= bytes.count) }
                }
            }
        }
    }
}

/// Headers of version 2.
private enum BinaryHeader {
    /// 192.0.2.1 port 56324 to 198.51.100.2 port 25.
    static let ipv4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 2, 0xDC, 0x04, 0, 25]

    static func bytes(_ family: UInt8, _ body: [UInt8], command: UInt8 = 0x21, length: Int? = nil) -> [UInt8] {
        let count = length ?? body.count
        return ProxyHeaderParser.signature + [command, family, UInt8(count >> 8), UInt8(count & 0xFF)] + body
    }
}
