import MailModel
import SMTPProtocol

/// Whose mail is taken. Never a relay: only the domains that the configuration names, and what is an alias of them.
struct RecipientPolicy: Sendable {
    private let domains: Set<String>
    private let firstDomain: String
    private let hostname: String
    private let rules: AddressRules
    private let unknown: ReceiverConfiguration.UnknownRecipients
    private let known: KnownRecipients

    init(configuration: ReceiverConfiguration, known: KnownRecipients) {
        domains = Set(configuration.domains)
        firstDomain = configuration.domains.first ?? configuration.hostname
        hostname = configuration.hostname.lowercased()
        rules = AddressRules(
            domainAliases: configuration.domainAliases, recipientDelimiter: configuration.recipientDelimiter)
        unknown = configuration.unknownRecipients
        self.known = known
    }

    func verdict(on recipient: MailAddress) -> RecipientVerdict {
        if isRole(recipient) { return .accept }
        guard isOurs(recipient.domain) else { return .relayDenied }
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

    /// The address as the envelope keeps it: a bare `postmaster`, and one at this very host, gets our first domain.
    func address(of recipient: MailAddress) -> MailAddress {
        recipient.domain.isEmpty || !isOurs(recipient.domain)
            ? MailAddress(localPart: recipient.localPart, domain: firstDomain) : recipient
    }

    /// The same for all recipients of a message, each mailbox once, as the transaction tells them apart: octet by octet but for the
    /// case of A to Z.
    func addresses(of recipients: [MailAddress]) -> [MailAddress] {
        let changed = recipients.map(address(of:))
        guard changed != recipients else { return recipients }
        var seen: Set<ExactText> = []
        return changed.filter { seen.insert(ExactText($0.key)).inserted }
    }

    /// `postmaster` with or without a domain of ours or this host's name, and `abuse` in one: always taken, whoever sends it (RFC 5321 §4.5.1, RFC 2142).
    /// Who is refused must be able to ask why.
    func isRole(_ recipient: MailAddress) -> Bool {
        AddressRules.isRole(recipient.localPart)
            && (recipient.domain.isEmpty || recipient.domain == hostname || isOurs(recipient.domain))
    }

    private func isOurs(_ domain: String) -> Bool { domains.contains(domain) || rules.domainAliases[domain] != nil }

    /// Without a roster nobody is known. With one: the address, the same without its extension, or a catch-all.
    private func isKnown(_ recipient: MailAddress) -> Bool {
        guard known.count != nil else { return false }
        if isListed(recipient, localPart: recipient.localPart) { return true }
        if let user = rules.userWithoutExtension(recipient.localPart[...]), isListed(recipient, localPart: String(user))
        {
            return true
        }
        return isListed(recipient, localPart: "")
    }

    /// The snapshot holds this local part in the recipient's domain, or in the domain that it is an alias of.
    private func isListed(_ recipient: MailAddress, localPart: String) -> Bool {
        let local = localPart.asciiLowercased
        if known.contains("\(local)@\(recipient.domain)") == true { return true }
        guard let domain = rules.domainAliases[recipient.domain] else { return false }
        return known.contains("\(local)@\(domain)") == true
    }
}
