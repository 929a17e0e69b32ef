import MailModel
import SMTPProtocol

/// Whose mail is taken. Never a relay: only the domains that the configuration names, and what is an alias of them.
struct RecipientPolicy: Sendable {
    private let domains: Set<String>
    private let firstDomain: String
    private let domainAliases: [String: String]
    private let unknown: ReceiverConfiguration.UnknownRecipients
    private let known: KnownRecipients

    init(configuration: ReceiverConfiguration, known: KnownRecipients) {
        domains = Set(configuration.domains)
        firstDomain = configuration.domains.first ?? configuration.hostname
        domainAliases = configuration.domainAliases
        unknown = configuration.unknownRecipients
        self.known = known
    }

    func verdict(on recipient: MailAddress) -> RecipientVerdict {
        // RFC 5321 §4.5.1: postmaster is always taken, with or without a domain of ours.
        if isPostmaster(recipient) { return .accept }
        guard domains.contains(recipient.domain) || domainAliases[recipient.domain] != nil else { return .relayDenied }
        if isKnown(recipient) { return .accept }
        // user%there@here and its like are taken only where exactly this mailbox exists.
        if recipient.hasRoutingLocalPart { return .relayDenied }
        switch unknown {
        case .hold: return .accept
        case .defer: return .deferred
        case .reject: return .unknown
        }
    }

    /// The address as the envelope keeps it: a bare `postmaster` gets our first domain.
    func address(of recipient: MailAddress) -> MailAddress {
        recipient.domain.isEmpty ? MailAddress(localPart: recipient.localPart, domain: firstDomain) : recipient
    }

    private func isPostmaster(_ recipient: MailAddress) -> Bool {
        guard recipient.localPart.lowercased() == "postmaster" else { return false }
        return recipient.domain.isEmpty || domains.contains(recipient.domain) || domainAliases[recipient.domain] != nil
    }

    /// Without a roster nobody is known. With one: the address, the same without its `+tag`, or a catch-all.
    private func isKnown(_ recipient: MailAddress) -> Bool {
        let domain = domainAliases[recipient.domain] ?? recipient.domain
        let key = "\(recipient.localPart.lowercased())@\(domain)"
        if known.contains(key) == true { return true }
        let untagged = recipient.localPart.prefix { $0 != "+" }.lowercased()
        return known.contains("\(untagged)@\(domain)") == true || known.contains("@\(domain)") == true
    }
}
