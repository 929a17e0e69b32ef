/// An address as it stood in MAIL or RCPT: `local-part@domain`, the local part kept as it was written.
public struct MailAddress: Hashable, Sendable {
    /// As written, with quotes if there were any; its case is kept. Empty only in the catch-all form `@example.com`.
    public let localPart: String
    /// Lower case and ASCII: a name that was written in UTF-8 stands here in its A-labels. An address literal keeps its
    /// brackets. Empty only for a bare `postmaster`.
    public let domain: String

    /// Takes two parts that a parser has already checked.
    public init(localPart: String, domain: String) {
        self.localPart = localPart
        let isASCII = domain.utf8.allSatisfy { $0 < 0x80 }
        self.domain = (isASCII ? nil : InternationalDomain.asciiForm(domain)) ?? domain.lowercased()
    }

    /// Splits at the last `@`, without checking the grammar of the parts; nil when there is none or no domain follows.
    public init?(_ text: String) {
        guard let at = text.lastIndex(of: "@") else { return nil }
        let domain = text[text.index(after: at)...]
        guard !domain.isEmpty else { return nil }
        self.init(localPart: String(text[..<at]), domain: String(domain))
    }

    /// The same mailbox, written as simply as can be: what need not be quoted is not (RFC 5321 §4.1.2: `"bob"@…` and `"b\ob"@…` are
    /// `bob@…`, and must be recognised as such).
    public var unquoted: MailAddress {
        guard localPart.utf8.first == UInt8(ascii: "\""), localPart.utf8.count > 2,
            localPart.utf8.last == UInt8(ascii: "\"")
        else {
            return self
        }
        var content: [UInt8] = []
        var isEscaped = false
        for byte in localPart.utf8.dropFirst().dropLast() {
            if !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                content.append(byte)
                isEscaped = false
            }
        }
        if Self.needsNoQuotes(content) {
            return MailAddress(localPart: String(decoding: content, as: UTF8.self), domain: domain)
        }
        let quoted = content.flatMap { byte in
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), byte] : [byte]
        }
        return MailAddress(localPart: "\"" + String(decoding: quoted, as: UTF8.self) + "\"", domain: domain)
    }

    /// Atoms and dots (RFC 5321 §4.1.2, with UTF-8 by RFC 6531 §3.3); the dots wherever they are, since `a..b@…` is taken without quotes
    /// too and must be the same mailbox.
    private static func needsNoQuotes(_ bytes: [UInt8]) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { isAtomText($0) || $0 == UInt8(ascii: ".") }
    }

    private static func isAtomText(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80
            || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    /// `local-part@domain`, or the local part alone where there is no domain.
    public var text: String { domain.isEmpty ? localPart : "\(localPart)@\(domain)" }

    /// What two spellings of one mailbox share: A to Z in lower case. For looking an address up, never for writing it.
    public var key: String { text.asciiLowercased }
}

extension MailAddress: CustomStringConvertible {
    public var description: String { text }
}
