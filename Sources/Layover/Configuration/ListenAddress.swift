/// An IP address and a port to listen on. Names are not taken: what they mean may change between two starts.
struct ListenAddress: Hashable, Sendable {
    /// An IPv4 or IPv6 address, without brackets.
    let host: String
    /// 0 lets the system choose.
    let port: Int
    let isIPv6: Bool

    /// Parses `0.0.0.0:25` or `[::]:25`.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let port = text[text.index(after: colon)...]
        guard !port.isEmpty, port.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(port), number <= 65_535
        else { return nil }
        var host = String(text[..<colon])
        isIPv6 = host.hasPrefix("[")
        if isIPv6 {
            guard host.hasSuffix("]"), host.count > 2 else { return nil }
            host = String(host.dropFirst().dropLast())
        }
        guard isIPv6 ? IPAddressText.isIPv6(host) : IPAddressText.isIPv4(host) else { return nil }
        self.host = host
        self.port = number
    }
}

extension ListenAddress: CustomStringConvertible {
    var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
