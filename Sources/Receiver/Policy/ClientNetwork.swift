import NIOCore

/// What counts as one client: an IPv4 address, or the /64 that one IPv6 customer has. Everything that has no IP address is one
/// client.
struct ClientNetwork: Hashable, Sendable {
    private let address: IPAddressBits?
    /// It brings everybody's mail, so what one client may do says nothing of it: this host (127.0.0.0/8 or ::1), or a gateway that has
    /// not yet named its client.
    let speaksForOthers: Bool

    /// - Parameter isGateway: it may name its client, and has not. A client of the same address is another one.
    init(_ socket: SocketAddress?, isGateway: Bool = false) {
        let bits = IPAddressBits(socket)
        address = bits.map { $0.isIPv4 ? $0 : $0.masked(64) }
        speaksForOthers = isGateway || bits?.isLoopback ?? false
    }

    private init(address: IPAddressBits?, speaksForOthers: Bool) {
        self.address = address
        self.speaksForOthers = speaksForOthers
    }

    /// The network around it: an IPv4 /24, an IPv6 /48. Whoever rents one machine can mostly have all of it.
    var neighbourhood: ClientNetwork {
        ClientNetwork(
            address: address.map { $0.masked($0.isIPv4 ? 120 : 48) }, speaksForOthers: speaksForOthers)
    }
}
