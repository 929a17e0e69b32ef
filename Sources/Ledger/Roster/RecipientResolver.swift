/// Which mailbox an address means, by the roster as it is now.
///
/// In this order: the domain's alias (`old.fr` → `new.com`), the exact address, the address without its `+tag` (RFC
/// 5233), the domain's catch-all; else none. Decided when mail is replayed, so that a mapping can be mended while mail
/// waits.
struct RecipientResolver {
    /// Old domain to new domain, both in lower case.
    let domainAliases: [String: String]
    /// The mailbox of a lower-case address or `@domain`.
    let lookUp: (String) throws -> Int64?

    init(domainAliases: [String: String], lookUp: @escaping (String) throws -> Int64?) {
        self.domainAliases = domainAliases
        self.lookUp = lookUp
    }

    /// - Parameter key: the address in lower case.
    func mailbox(for key: String) throws -> Int64? {
        guard let at = key.lastIndex(of: "@") else { return try lookUp(key) }
        let local = key[..<at]
        let written = String(key[key.index(after: at)...])
        let domain = domainAliases[written] ?? written
        if domain != written, let mailbox = try mailbox(local: local, domain: domain) { return mailbox }
        // An address may also stand in the roster under the old domain.
        return try mailbox(local: local, domain: written)
    }

    private func mailbox(local: Substring, domain: String) throws -> Int64? {
        if let mailbox = try lookUp("\(local)@\(domain)") { return mailbox }
        if let plus = local.firstIndex(of: "+"), plus > local.startIndex, local.first != "\"",
            let mailbox = try lookUp("\(local[..<plus])@\(domain)")
        {
            return mailbox
        }
        return try lookUp("@\(domain)")
    }
}
