import NIOCore

/// What counts as one client: an IPv4 address, or the /64 that one IPv6 customer has. Everything that has no IP address is one
/// client.
struct ClientNetwork: Hashable, Sendable {
    private let address: IPAddressBits?
    /// 127.0.0.0/8 or ::1.
    let isLoopback: Bool

    init(_ socket: SocketAddress?) {
        let bits = IPAddressBits(socket)
        address = bits.map { $0.isIPv4 ? $0 : $0.masked(64) }
        isLoopback = bits?.isLoopback ?? false
    }

    private init(address: IPAddressBits?, isLoopback: Bool) {
        self.address = address
        self.isLoopback = isLoopback
    }

    /// The network around it: an IPv4 /24, an IPv6 /48. Whoever rents one machine can mostly have all of it.
    var neighbourhood: ClientNetwork {
        ClientNetwork(address: address.map { $0.masked($0.isIPv4 ? 120 : 48) }, isLoopback: isLoopback)
    }
}
