import Glibc

/// IP addresses that only this host can reach.
enum LoopbackAddress {
    /// `127.0.0.0/8` or `::1` (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). A name is none: what it means may change.
    static func isLoopback(_ text: String) -> Bool {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 { return text.hasPrefix("127.") }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return false }
        return withUnsafeBytes(of: &v6) { bytes in bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 } }
    }
}
