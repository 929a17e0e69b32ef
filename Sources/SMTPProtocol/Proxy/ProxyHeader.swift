public import NIOCore

/// What a load balancer says about a connection before the first octet of the client (haproxy's proxy-protocol.txt):
///
///     PROXY TCP4 192.0.2.1 198.51.100.2 56324 25      version 1, one line
///     0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A …           version 2, binary
public enum ProxyHeader: Hashable, Sendable {
    /// The connection is made for this client, who has connected to that address.
    case client(SocketAddress, at: SocketAddress)
    /// The load balancer speaks for itself (a health check), or does not know for whom, or for somebody who has no address of TCP: the
    /// socket's own address counts.
    case local
}

/// What the octets received so far make of a PROXY header.
public enum ProxyHeaderParsing: Hashable, Sendable {
    case needsMoreInput
    /// The header, and how many octets it takes; what stands behind them is the client's.
    case header(ProxyHeader, length: Int)
    /// No header can begin so: the connection must be closed.
    case invalid
}

/// Reads a PROXY header of either version. Pure, and strict: whoever speaks here was named as a load balancer.
public enum ProxyHeaderParser {
    /// The longest line of version 1, CRLF included.
    public static let longestLine = 107
    /// The longest header of version 2 that is waited for. The addresses take 52 octets; the rest is extensions (TLVs), which
    /// are stepped over.
    public static let longestBinary = 4096

    static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let word = Array("PROXY ".utf8)

    /// Looks at everything received so far, from its first octet; changes nothing.
    public static func parse(_ input: ByteBuffer) -> ProxyHeaderParsing {
        let bytes = input.readableBytesView
        guard let first = bytes.first else { return .needsMoreInput }
        if first == signature[0] { return begins(bytes, with: signature) ? parseBinary(input) : .invalid }
        return begins(bytes, with: word) ? parseLine(bytes) : .invalid
    }

    /// As far as both go.
    private static func begins(_ bytes: ByteBufferView, with start: [UInt8]) -> Bool {
        zip(bytes, start).allSatisfy { $0 == $1 }
    }
}

// MARK: Version 1

extension ProxyHeaderParser {
    private static func parseLine(_ bytes: ByteBufferView) -> ProxyHeaderParsing {
        guard let end = bytes.prefix(longestLine).firstIndex(of: 0x0A) else {
            return bytes.count >= longestLine ? .invalid : .needsMoreInput
        }
        let line = bytes[..<end]
        guard line.last == 0x0D else { return .invalid }
        guard let header = header(of: line.dropLast()) else { return .invalid }
        return .header(header, length: line.count + 1)
    }

    /// `PROXY UNKNOWN …`, or six words with one space between two of them.
    private static func header(of line: ByteBufferView) -> ProxyHeader? {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count >= 2 else { return nil }
        if words[1] == "UNKNOWN" { return .local }
        guard words.count == 6, let source = port(words[4]), let target = port(words[5]),
            let client = address(words[2], source, words[1]), let server = address(words[3], target, words[1])
        else { return nil }
        return .client(client, at: server)
    }

    private static func address(_ text: String, _ port: Int, _ family: String) -> SocketAddress? {
        // A NUL would end the text for the C library, and what stands behind it would not be looked at.
        guard text.utf8.allSatisfy(isAddressOctet), let address = try? SocketAddress(ipAddress: text, port: port) else {
            return nil
        }
        switch (address, family) {
        case (.v4, "TCP4"), (.v6, "TCP6"): return address
        default: return nil
        }
    }

    private static func isAddressOctet(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x3A, 0x41...0x46, 0x61...0x66, UInt8(ascii: "."): true
        default: false
        }
    }

    private static func port(_ text: String) -> Int? {
        let isPlain = (1...5).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isPlain, text == "0" || !text.hasPrefix("0"), let port = Int(text), port <= 65_535 else { return nil }
        return port
    }
}

// MARK: Version 2

extension ProxyHeaderParser {
    /// Signature (12), version and command, family and protocol, length (2); then as many octets as that says.
    private static func parseBinary(_ input: ByteBuffer) -> ProxyHeaderParsing {
        let start = input.readerIndex
        guard let command = input.getInteger(at: start + 12, as: UInt8.self) else { return .needsMoreInput }
        guard command >> 4 == 2, command & 0x0F <= 1 else { return .invalid }
        guard let family = input.getInteger(at: start + 13, as: UInt8.self),
            let rest = input.getInteger(at: start + 14, as: UInt16.self)
        else { return .needsMoreInput }
        let length = 16 + Int(rest)
        guard length <= longestBinary else { return .invalid }
        guard input.readableBytes >= length else { return .needsMoreInput }
        if command & 0x0F == 0 { return .header(.local, length: length) }
        guard let body = input.getSlice(at: start + 16, length: Int(rest)) else { return .invalid }
        return header(family: family, body).map { .header($0, length: length) } ?? .invalid
    }

    /// Source address, destination address, source port, destination port.
    private static func header(family: UInt8, _ body: ByteBuffer) -> ProxyHeader? {
        let octets: Int
        switch family {
        case 0x11: octets = 4
        case 0x21: octets = 16
        // No stream of IP: unspecified, a UNIX socket, datagrams. The protocol lets the receiver take the real address of the connection;
        // HAProxy does. What no version knows must be refused.
        default: return family >> 4 <= 3 && family & 0x0F <= 2 ? .local : nil
        }
        guard body.readableBytes >= octets * 2 + 4, let client = address(0, octets, in: body),
            let server = address(1, octets, in: body)
        else { return nil }
        return .client(client, at: server)
    }

    /// The source (0) or the destination (1).
    private static func address(_ index: Int, _ octets: Int, in body: ByteBuffer) -> SocketAddress? {
        guard let packed = body.getSlice(at: body.readerIndex + index * octets, length: octets),
            let port = body.getInteger(at: body.readerIndex + octets * 2 + index * 2, as: UInt16.self)
        else { return nil }
        return try? SocketAddress(packedIPAddress: packed, port: Int(port))
    }
}
