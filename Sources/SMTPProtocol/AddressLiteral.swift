/// The inside of `[192.0.2.1]` and `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3). Other kinds of literal are not known.
enum AddressLiteral {
    static func isValid(_ content: String) -> Bool {
        let bytes = Array(content.utf8)
        let tag = Array("ipv6:".utf8)
        if bytes.count > tag.count, zip(bytes, tag).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) {
            return isIPv6(bytes[tag.count...])
        }
        return isIPv4(bytes[...])
    }

    private static func isIPv4(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy(isOctet)
    }

    private static func isOctet(_ digits: ArraySlice<UInt8>) -> Bool {
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 255
    }

    /// Eight groups, or fewer around one `::`; the last two groups may be written as an IPv4 address.
    private static func isIPv6(_ bytes: ArraySlice<UInt8>) -> Bool {
        let groups = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard (3...9).contains(groups.count) else { return false }
        var count = 0
        var hasGap = false
        for (index, group) in groups.enumerated() {
            let isEdge = index == 0 || index == groups.count - 1
            if group.isEmpty {
                // `::` is one empty group inside, two at an edge (`::1`, `1::`) and three in `::` alone.
                if isEdge {
                    guard groups[index == 0 ? 1 : index - 1].isEmpty else { return false }
                } else {
                    guard !hasGap else { return false }
                    hasGap = true
                }
            } else if index == groups.count - 1, group.contains(UInt8(ascii: ".")) {
                guard isIPv4(group) else { return false }
                count += 2
            } else {
                guard group.count <= 4, group.allSatisfy(isHexadecimalDigit) else { return false }
                count += 1
            }
        }
        return hasGap ? count <= 7 : count == 8
    }

    private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}
