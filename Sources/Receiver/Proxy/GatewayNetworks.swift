import NIOCore

/// Whose word about another client is taken.
struct GatewayNetworks: Sendable {
    /// Load balancers, which begin every connection with a PROXY header.
    var proxies: [IPNetwork] = []
    /// Gateways that may use XCLIENT.
    var xclient: [IPNetwork] = []

    func isProxy(_ address: SocketAddress?) -> Bool { proxies.contains(address) }
    func mayUseXCLIENT(_ address: SocketAddress?) -> Bool { xclient.contains(address) }
}
