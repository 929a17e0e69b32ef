/// A host to connect to: a name or an IP address.
enum HostName {
    /// The host in lower case; nil when it is neither a domain name nor an IP address without brackets.
    static func normalized(_ text: String) -> String? {
        if IPAddressText.isIPv4(text) || IPAddressText.isIPv6(text) { return text.lowercased() }
        return DomainName.normalized(text)
    }

    /// Whether what is said to the host stays on this machine (RFC 6761 §6.3 for the name).
    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || IPAddressText.isLoopback(host)
    }
}
