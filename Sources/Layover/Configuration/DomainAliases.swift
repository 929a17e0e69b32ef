/// `[domain_aliases]`: old domains whose every address means the same local part in another domain.
struct DomainAliases: Hashable, Sendable {
    /// From the old domain to the new one, both in lower case. No new domain is itself an old one.
    let domains: [String: String]

    /// The domain that an address in `domain` (lower case) belongs to: the new one, or the same when it is no alias.
    func resolved(_ domain: String) -> String { domains[domain] ?? domain }

    init(_ document: ConfigurationDocument) throws(ConfigurationError) {
        let section = ConfigurationKey(Self.path)
        guard case .table(let members) = document.node(at: section) else {
            domains = [:]
            return
        }
        var domains: [String: String] = [:]
        for old in members.keys.sorted() {
            let (oldDomain, newDomain) = try Self.alias(old, in: document)
            guard domains.updateValue(newDomain, forKey: oldDomain) == nil else {
                throw document.error(
                    at: section.appending(old),
                    ValueMistake("stands here twice, in upper and lower case", remedy: "keep one of the two"))
            }
        }
        self.domains = domains
        for old in members.keys.sorted() {
            guard let new = domains[old.lowercased()], domains[new] != nil else { continue }
            throw document.error(
                at: section.appending(old),
                ValueMistake(
                    "\"\(new)\" is an old domain itself", remedy: "write the domain where its mailboxes are in the end")
            )
        }
    }

    private static func alias(
        _ old: String, in document: ConfigurationDocument
    ) throws(ConfigurationError) -> (old: String, new: String) {
        let key = ConfigurationKey(path).appending(old)
        if case .table? = document.node(at: key) {
            throw document.error(
                at: key,
                ValueMistake(
                    "a domain without quotes is read as sections",
                    remedy: "write \"example.fr\" = \"example.com\", both in quotes"))
        }
        guard let oldDomain = DomainName.normalized(old) else {
            throw document.error(
                at: key,
                ValueMistake(
                    "\"\(old)\" is not a domain", remedy: "write \"example.fr\" = \"example.com\", both in quotes"))
        }
        let reader = SectionReader(document, section: path)
        return (oldDomain, try reader.value(aliasSetting, named: old))
    }
}

extension DomainAliases {
    static let path = ["domain_aliases"]

    static let options = [aliasSetting.option]

    static let aliasSetting = Setting(
        "<old domain>", in: path, .domain, .optional("no aliases", example: "example.com"),
        summary: "Every address of the old domain (in quotes) means the same local part in the new one.",
        consequence: """
            Mail to it goes into the mailbox of the address in the new domain. The old domain must stand in \
            receive.domains too, or its mail is refused. The mapping counts at replay, so it can be mended while \
            mail waits.
            """)
}
