import MailModel

/// Which mailbox an address means, by the roster as it is now.
///
/// In this order: the exact address, the address without its extension (`anna+shop`, RFC 5233), the postmaster's mailbox for
/// `postmaster` and `abuse`, the domain's catch-all; else none. An address in an old domain (`old.fr` → `new.com`) is looked for in
/// the new one first. Decided when mail is replayed, so that a mapping can be mended while mail waits.
struct RecipientResolver {
    let rules: AddressRules
    /// The mailbox of a lower-case address or `@domain`.
    let lookUp: (String) throws -> Int64?

    init(rules: AddressRules, lookUp: @escaping (String) throws -> Int64?) {
        self.rules = rules
        self.lookUp = lookUp
    }

    /// - Parameter key: the address in lower case.
    func mailbox(for key: String) throws -> Int64? {
        guard let at = key.lastIndex(of: "@") else { return try lookUp(key) }
        let local = key[..<at]
        let written = String(key[key.index(after: at)...])
        let domains = rules.domainAliases[written].map { [$0, written] } ?? [written]
        for domain in domains {
            if let mailbox = try listed(local, domain) { return mailbox }
        }
        if let mailbox = try postmaster(for: local) { return mailbox }
        for domain in domains {
            if let mailbox = try lookUp("@\(domain)") { return mailbox }
        }
        return nil
    }

    /// An address, and the same name in each domain that is an alias of its own: all of them mean its mailbox.
    func namesakes(of key: String) -> [String] {
        guard let at = key.lastIndex(of: "@") else { return [key] }
        let domain = key[key.index(after: at)...]
        return [key] + rules.domainAliases.filter { $0.value == domain }.keys.sorted().map { "\(key[..<at])@\($0)" }
    }

    private func listed(_ local: Substring, _ domain: String) throws -> Int64? {
        if let mailbox = try lookUp("\(local)@\(domain)") { return mailbox }
        guard let user = rules.userWithoutExtension(local) else { return nil }
        return try lookUp("\(user)@\(domain)")
    }

    private func postmaster(for local: Substring) throws -> Int64? {
        guard let address = rules.postmaster else { return nil }
        guard AddressRules.isRole(rules.userWithoutExtension(local) ?? local) else { return nil }
        return try lookUp(address)
    }
}
