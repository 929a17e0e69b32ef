/// Whose word counts that a message is junk, and how it is said.
///
///     X-Spam-Flag: YES        SpamAssassin, amavisd-new
///     X-Spam: Yes             rspamd
public struct JunkVerdict: Sendable {
    /// Filtering gateways. From anybody else such a field says nothing, since every sender can write it.
    public var gateways: [IPNetwork]
    /// One of these is enough.
    public var fields: [JunkField]

    public init(gateways: [IPNetwork] = [], fields: [JunkField] = []) {
        self.gateways = gateways
        self.fields = fields
    }
}

/// A header field and how its value begins, by which a gateway calls a message junk: `X-Spam-Flag: YES`, `X-Spam-Level: *****`.
public struct JunkField: Hashable, Sendable {
    /// Lower case.
    let name: [UInt8]
    /// Lower case.
    let value: [UInt8]

    /// Nil for what is no field with a value, and for a field that the receiver itself looks at.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        name = parts[0].utf8.map(\.asciiLowercased)
        value = parts[1].utf8.drop { $0 == 0x20 }.map(\.asciiLowercased)
        // RFC 5322 §2.2: printable US-ASCII but the colon.
        guard !name.isEmpty, name.allSatisfy({ (0x21...0x7E).contains($0) }), !value.isEmpty, value.last != 0x20,
            value.allSatisfy({ (0x20...0x7E).contains($0) }),
            !name.elementsEqual("received".utf8), !name.elementsEqual("authentication-results".utf8)
        else { return nil }
    }

    /// Whether a whole field of a message is this one and its value begins so, in any case. A longer word is another one:
    /// `YES` is not `YESTERDAY`.
    func matches(_ field: UnsafeRawBufferPointer) -> Bool {
        guard let colon = field.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let named = field[..<colon].prefix { $0 > 0x20 }
        guard named.count == name.count, named.elementsEqual(name, by: { $0.asciiLowercased == $1 }) else {
            return false
        }
        let said = field[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
        guard said.count >= value.count, said.prefix(value.count).elementsEqual(value, by: { $0.asciiLowercased == $1 })
        else { return false }
        return said.dropFirst(value.count).first.map { !$0.isWordOctet } ?? true
    }
}

extension UInt8 {
    fileprivate var asciiLowercased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }

    fileprivate var isWordOctet: Bool {
        (0x30...0x39).contains(self) || (0x61...0x7A).contains(asciiLowercased) || self > 0x7F
    }
}
