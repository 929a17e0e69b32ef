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
        // user%there@here and its like are taken only where exactly this mailbox exists: no catch-all means them.
        if recipient.hasRoutingLocalPart {
            return isListed(recipient, localPart: recipient.localPart) ? .accept : .relayDenied
        }
        if isKnown(recipient) { return .accept }
        switch unknown {
        case .hold: return .accept
        case .defer: return .deferred
        // Without a list nobody can be told from a stranger: 4xx, or a missing file would bounce everybody's mail.
        case .reject: return known.count == nil ? .directoryUnavailable : .unknown
        }
    }

    /// The address as the envelope keeps it: a bare `postmaster` gets our first domain.
    func address(of recipient: MailAddress) -> MailAddress {
        recipient.domain.isEmpty ? MailAddress(localPart: recipient.localPart, domain: firstDomain) : recipient
    }

    private func isPostmaster(_ recipient: MailAddress) -> Bool {
        guard recipient.localPart.asciiLowercased == "postmaster" else { return false }
        return recipient.domain.isEmpty || domains.contains(recipient.domain) || domainAliases[recipient.domain] != nil
    }

    /// Without a roster nobody is known. With one: the address, the same without its `+tag`, or a catch-all.
    private func isKnown(_ recipient: MailAddress) -> Bool {
        guard known.count != nil else { return false }
        if isListed(recipient, localPart: recipient.localPart) { return true }
        if recipient.localPart.utf8.contains(UInt8(ascii: "+")),
            isListed(recipient, localPart: String(recipient.localPart.prefix { $0 != "+" }))
        {
            return true
        }
        return isListed(recipient, localPart: "")
    }

    /// The snapshot holds this local part in the recipient's domain, or in the domain that it is an alias of.
    private func isListed(_ recipient: MailAddress, localPart: String) -> Bool {
        let local = localPart.asciiLowercased + "@"
        if known.contains(local + recipient.domain) == true { return true }
        guard let domain = domainAliases[recipient.domain] else { return false }
        return known.contains(local + domain) == true
    }
}
