/// The grammar of domain names in the configuration.
enum DomainName {
    /// RFC 1035 §2.3.4: a name has at most 253 characters in its text form, a label 63.
    private static let maximumLength = 253
    private static let maximumLabelLength = 63

    /// The name in lower case; nil when it is not a row of labels of letters, digits and inner hyphens (RFC 1123 §2.1).
    static func normalized(_ text: String) -> String? {
        guard !text.isEmpty, text.utf8.count <= maximumLength else { return nil }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.allSatisfy({ isLabel($0) }), !text.utf8.allSatisfy(isDigitOrDot) else { return nil }
        return text.lowercased()
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard !label.isEmpty, label.count <= maximumLabelLength else { return false }
        guard label.first != hyphen, label.last != hyphen else { return false }
        return label.allSatisfy { $0.isBareKeyByte && $0 != UInt8(ascii: "_") }
    }

    /// `10.0.0.1` is an address, not a name.
    private static func isDigitOrDot(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
