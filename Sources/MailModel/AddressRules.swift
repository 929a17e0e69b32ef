/// How an address is read before the roster is asked whose it is. Receiver and Ledger go by the same rules, so that nobody is refused
/// whose mail could be delivered.
public struct AddressRules: Hashable, Sendable {
    /// Old domain to new domain, both in lower case.
    public var domainAliases: [String: String]
    /// Each of these characters parts a user from an extension, `anna+shop`, as in Postfix's `recipient_delimiter`. Empty: none does.
    public var recipientDelimiter: String
    /// The mailbox that gets what comes for `postmaster` and `abuse` where the roster says nothing of them: an address of the roster,
    /// in lower case. Nil: such mail waits for a mailbox.
    public var postmaster: String?

    public init(domainAliases: [String: String] = [:], recipientDelimiter: String = "+", postmaster: String? = nil) {
        self.domainAliases = Dictionary(domainAliases.map { ($0.key.lowercased(), $0.value.lowercased()) }) {
            first, _ in
            first
        }
        self.recipientDelimiter = recipientDelimiter
        self.postmaster = postmaster?.asciiLowercased
    }

    /// The user in front of the first delimiter; nil where there is no extension. Nothing is split at its very beginning, in quotes,
    /// or in the addresses of Postfix's own that `-` would tear apart.
    public func userWithoutExtension(_ localPart: Substring) -> Substring? {
        guard !recipientDelimiter.isEmpty, let first = localPart.first, first != "\"" else { return nil }
        let lower = String(localPart).asciiLowercased
        guard !Self.wholeNames.contains(lower) else { return nil }
        if recipientDelimiter.contains("-"), lower.hasPrefix("owner-") || lower.hasSuffix("-request") { return nil }
        guard let end = localPart.firstIndex(where: { recipientDelimiter.contains($0) }), end > localPart.startIndex
        else {
            return nil
        }
        return localPart[..<end]
    }

    private static let wholeNames: Set<String> = ["mailer-daemon", "double-bounce"]

    /// `postmaster` (RFC 5321 §4.5.1) and `abuse` (RFC 2142 §4), in any case: whoever has trouble with our mail must reach somebody.
    public static func isRole(_ localPart: some StringProtocol) -> Bool {
        let name = String(localPart).asciiLowercased
        return name == "postmaster" || name == "abuse"
    }
}
