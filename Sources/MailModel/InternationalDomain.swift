// The normal forms are in the standard library, behind no public name yet.
@_spi(_Unicode) import Swift

/// Domain names with labels in UTF-8 (U-labels) and their ASCII form (A-labels), by which names are compared (RFC 5890
/// §2.3.2.1, RFC 6531 §3.7.1).
///
/// A U-label is in normal form C by its definition; one that is not is put into it, as UTS #46 does.
public enum InternationalDomain {
    /// `bücher.example` gives `xn--bcher-kva.example`, in lower case; nil when a label can stand in no domain name. ASCII labels
    /// are put in lower case and not looked at.
    public static func asciiForm(_ name: String) -> String? {
        var labels: [String] = []
        for label in name.split(separator: ".", omittingEmptySubsequences: false) {
            guard let ascii = asciiLabel(label) else { return nil }
            labels.append(ascii)
        }
        return labels.joined(separator: ".")
    }

    private static func asciiLabel(_ label: Substring) -> String? {
        let lower = label.lowercased()
        guard !lower.utf8.allSatisfy({ $0 < 0x80 }) else { return lower }
        let scalars = Array(lower._nfc)
        guard scalars.allSatisfy(isAllowed), let first = scalars.first, let last = scalars.last, first != "-",
            last != "-",
            !isMark(first), !lower.hasPrefix("xn--"), let encoded = Punycode.encode(scalars)
        else { return nil }
        let ascii = "xn--" + encoded
        // RFC 1035 §2.3.4.
        return ascii.utf8.count <= 63 ? ascii : nil
    }

    /// Letters, digits and marks of all scripts, and the hyphen: close to RFC 5892, and nothing that cannot be seen.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .decimalNumber: true
        default: scalar == "-" || isMark(scalar)
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }
}
