import NIOCore

/// An IP address as 128 bits; an IPv4 one, also where it comes mapped into IPv6, is `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2).
struct IPAddressBits: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    /// Nil for what has no IP address, such as a UNIX socket.
    init?(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            // sockaddr_in: family and port, 2 octets each, then the address.
            let bits = withUnsafeBytes(of: address.address) { $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self) }
            self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(UInt32(bigEndian: bits)))
        case .v6(let address):
            // sockaddr_in6: family and port, 2 octets each, 4 of flow, then the address.
            let (high, low) = withUnsafeBytes(of: address.address) {
                (
                    $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                    $0.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
                )
            }
            self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
        default: return nil
        }
    }

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// 127.0.0.0/8 or ::1.
    var isLoopback: Bool { isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1 }

    /// The first `prefix` of 128 bits, the rest 0.
    func masked(_ prefix: Int) -> IPAddressBits {
        if prefix >= 128 { return self }
        if prefix >= 64 { return IPAddressBits(high: high, low: low & ~(UInt64.max >> UInt64(prefix - 64))) }
        return IPAddressBits(high: prefix <= 0 ? 0 : high & ~(UInt64.max >> UInt64(prefix)), low: 0)
    }

    /// The octets, most significant first: 4 of an IPv4 address, else 16.
    var octets: [UInt8] {
        var octets: [UInt8] = []
        for half in [high, low] {
            for shift in stride(from: 56, through: 0, by: -8) {
                octets.append(UInt8(truncatingIfNeeded: half >> UInt64(shift)))
            }
        }
        return isIPv4 ? Array(octets.suffix(4)) : octets
    }
}

extension SocketAddress {
    /// An IPv4 address that comes mapped into IPv6 (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) as what it is; any other as it is.
    var unmapped: SocketAddress {
        guard case .v6 = self, let bits = IPAddressBits(self), bits.isIPv4 else { return self }
        let plain = try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bits.octets), port: port ?? 0)
        return plain ?? self
    }
}

/// A network of the configuration: `192.0.2.0/24`, `2001:db8::/32`, or one address.
public struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    private let start: IPAddressBits
    /// Of 128 bits.
    private let prefix: Int

    /// Nil for what is no network, and for one with bits set behind its prefix: it is most likely a mistake.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = try? SocketAddress(ipAddress: String(parts[0]), port: 0),
            let bits = IPAddressBits(address)
        else { return nil }
        let width = bits.isIPv4 ? 32 : 128
        guard parts.count == 1 || parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let prefix = parts.count == 1 ? width : Int(parts[1]), (0...width).contains(prefix)
        else { return nil }
        self.prefix = prefix + 128 - width
        guard bits.masked(self.prefix) == bits else { return nil }
        start = bits
        description = text
    }

    func contains(_ address: IPAddressBits) -> Bool { address.masked(prefix) == start }
}

extension [IPNetwork] {
    /// False for what has no IP address.
    func contains(_ address: SocketAddress?) -> Bool {
        guard !isEmpty, let bits = IPAddressBits(address) else { return false }
        return contains { $0.contains(bits) }
    }
}
