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

    /// `local-part@domain`, or the local part alone where there is no domain.
    public var text: String { domain.isEmpty ? localPart : "\(localPart)@\(domain)" }

    /// What two spellings of one mailbox share: A to Z in lower case. For looking an address up, never for writing it.
    public var key: String { text.asciiLowercased }
}

extension MailAddress: CustomStringConvertible {
    public var description: String { text }
}
