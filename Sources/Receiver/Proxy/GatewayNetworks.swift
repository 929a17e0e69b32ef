import NIOCore

/// Whose word about another client is taken.
struct GatewayNetworks: Sendable {
    /// Load balancers, which begin every connection with a PROXY header.
    var proxies: [IPNetwork] = []
    /// Gateways that may use XCLIENT.
    var xclient: [IPNetwork] = []
    /// Filtering gateways, and by what they call a message junk.
    var junk = JunkVerdict()

    func isProxy(_ address: SocketAddress?) -> Bool { proxies.contains(address) }
    func mayUseXCLIENT(_ address: SocketAddress?) -> Bool { xclient.contains(address) }

    /// What this client calls a message junk by; empty for one whose word does not count.
    func verdicts(of address: SocketAddress?) -> [JunkField] { junk.gateways.contains(address) ? junk.fields : [] }
}
