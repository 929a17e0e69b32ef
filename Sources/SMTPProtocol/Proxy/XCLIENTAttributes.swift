/// What a filtering gateway says about the client whose mail it brings (Postfix's XCLIENT_README):
///
///     C: XCLIENT NAME=mail.sender.example ADDR=192.0.2.1 HELO=sender.example PROTO=ESMTP
///     S: 220 mx1.example.com ESMTP Layover
///
/// A value is xtext (RFC 3461 §4). `[UNAVAILABLE]` and `[TEMPUNAVAIL]` say that it is not known.
public struct XCLIENTAttributes: Hashable, Sendable {
    /// An IP address without brackets; nil where the gateway does not know it.
    public var address: String?
    public var port: Int?
    /// The name that the address has and that has this address, as the gateway found it.
    public var name: String?
    public var helo: String?
    /// `SMTP` or `ESMTP`.
    public var isExtended: Bool?

    public init() {}

    /// Every attribute that is known here, as EHLO announces them.
    static let announcement = "XCLIENT NAME ADDR PORT HELO PROTO"

    /// The arguments of the command, without the verb. Nil where one is unknown, given twice or badly written.
    init?(_ arguments: String) {
        var seen: Set<String> = []
        for word in arguments.split(separator: " ") {
            guard let equals = word.firstIndex(of: "=") else { return nil }
            let name = word[..<equals].uppercased()
            guard seen.insert(name).inserted, let value = Self.decoded(word[word.index(after: equals)...]) else {
                return nil
            }
            guard set(name, value) else { return nil }
        }
        guard !seen.isEmpty else { return nil }
    }

    private mutating func set(_ name: String, _ value: String) -> Bool {
        let isKnown = !["[UNAVAILABLE]", "[TEMPUNAVAIL]"].contains(value.uppercased())
        switch name {
        case "ADDR":
            guard isKnown else { return true }
            address = value.uppercased().hasPrefix("IPV6:") ? String(value.dropFirst(5)) : value
            return address.map { AddressLiteral.isValid($0) || AddressLiteral.isValid("IPv6:" + $0) } == true
        case "PORT":
            guard isKnown else { return true }
            port = Int(value)
            return port.map { (0...65_535).contains($0) } == true
        case "NAME":
            guard isKnown else { return true }
            self.name = value
            return Self.isName(value)
        case "HELO":
            guard isKnown else { return true }
            helo = value
            return !value.isEmpty && value.utf8.count <= 255
        case "PROTO":
            guard isKnown else { return true }
            isExtended = value.uppercased() == "ESMTP"
            return ["SMTP", "ESMTP"].contains(value.uppercased())
        default: return false
        }
    }

    private static func isName(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { SMTPPathParser.isLetterOrDigit($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }

    /// xtext: printable ASCII, in which `+41` stands for an octet. Nil for anything else, and for what would be a control.
    private static func decoded(_ text: Substring) -> String? {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                guard rest.count >= 2, let high = digit(rest.removeFirst()), let low = digit(rest.removeFirst()) else {
                    return nil
                }
                octets.append(high << 4 | low)
            } else {
                octets.append(byte)
            }
        }
        guard octets.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
