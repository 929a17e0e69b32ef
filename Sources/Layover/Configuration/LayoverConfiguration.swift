import SystemTLS

/// The configuration of the `layover` command, read from a TOML file.
///
/// The syntax and the keys of the whole file are checked for everyone; the values of a section, and the files it
/// names, only for a role that uses it, so that the receiver starts without the passwords that the replay needs.
struct LayoverConfiguration: Sendable {
    /// Where the file is when `--config` does not say otherwise.
    static let defaultFile = "/etc/layover/layover.toml"

    /// The path it was read from.
    let file: String
    /// Our name in the greeting, in `Received:` and in message ids.
    let hostname: String
    let spool: SpoolSection
    let domainAliases: DomainAliases
    /// Of `[receive]`, and needed by everyone: whose mail an address means.
    let recipientDelimiter: String
    let postmaster: String?
    let log: LogSection
    private let document: ConfigurationDocument

    /// Reads a file and checks what every command uses, and what the given roles use. A command that needs neither
    /// listener nor target gives no role.
    static func load(
        file: String = defaultFile, roles: Set<LayoverRole> = []
    ) throws(ConfigurationError) -> LayoverConfiguration {
        let configuration = try LayoverConfiguration(ConfigurationDocument(file: file))
        if roles.contains(.console) { _ = try configuration.requireConsole() }
        if roles.contains(.receive) { _ = try configuration.requireReceive() }
        if roles.contains(.replay) { _ = try configuration.requireTargets() }
        return configuration
    }

    init(_ document: ConfigurationDocument) throws(ConfigurationError) {
        self.document = document
        file = document.file
        hostname = try SectionReader(document).value(Self.hostnameSetting)
        spool = try SpoolSection(SectionReader(document, section: SpoolSection.path))
        domainAliases = try DomainAliases(document)
        let receive = SectionReader(document, section: ReceiveSection.path)
        recipientDelimiter = try receive.value(ReceiveSection.recipientDelimiterSetting)
        postmaster = try receive.optionalValue(ReceiveSection.postmasterSetting)
        log = try LogSection(SectionReader(document, section: LogSection.path))
    }

    static let hostnameSetting = Setting(
        "hostname", in: [], .domain, .required(example: "mx1.example.com"),
        summary: "The full name of this host.",
        consequence:
            "It stands in the greeting and in Received:. The MX record and the reverse entry should agree with it."
    )
}

extension LayoverConfiguration {
    /// What `[receive]` says, without opening the files it names; nil when the file has no such section.
    func receiveSection() throws(ConfigurationError) -> ReceiveSection? {
        let reader = SectionReader(document, section: ReceiveSection.path)
        return reader.isPresent ? try ReceiveSection(reader) : nil
    }

    /// What the receiver needs: the section is there, its certificate is readable, and no alias names a domain that
    /// is not taken.
    func requireReceive() throws(ConfigurationError) -> ReceiveSection {
        let receive = try ReceiveSection(SectionReader(document, section: ReceiveSection.path))
        try receive.tls?.requireFiles(SectionReader(document, section: ReceiveTLSSection.path))
        for old in domainAliases.domains.keys.sorted() where !receive.domains.contains(old) {
            throw document.error(
                at: ConfigurationKey(DomainAliases.path).appending(old),
                ValueMistake(
                    "the domain is not in receive.domains, so its mail would be refused",
                    remedy: "add \"\(old)\" to receive.domains, or remove the alias"))
        }
        return receive
    }

    /// The certificate of `[receive.tls]`, read as the receiver reads it; nil where STARTTLS is not offered.
    func receiverTLS() throws(ConfigurationError) -> TLSServerIdentity? {
        guard let tls = try requireReceive().tls else { return nil }
        return try tls.identity(SectionReader(document, section: ReceiveTLSSection.path))
    }

    /// The CA certificates that are trusted to vouch for a target, read.
    func trust(of target: TargetSection) throws(ConfigurationError) -> TLSClientContext {
        try target.trust(SectionReader(document, section: ["targets", target.name]))
    }

    /// What the sections `[targets.NAME]` say, by name, without opening the files they name.
    func targetSections() throws(ConfigurationError) -> [String: TargetSection] {
        var targets: [String: TargetSection] = [:]
        for reader in try targetReaders() { targets[reader.section.components[1]] = try TargetSection(reader) }
        return targets
    }

    /// What the replay needs: at least one target, and all password and CA files readable.
    func requireTargets() throws(ConfigurationError) -> [String: TargetSection] {
        var targets: [String: TargetSection] = [:]
        for reader in try targetReaders() {
            let target = try TargetSection(reader)
            try target.requireFiles(reader)
            targets[target.name] = target
        }
        guard !targets.isEmpty else {
            throw document.error(
                at: ConfigurationKey(["targets"]),
                ValueMistake(
                    "there is no target to deliver to",
                    remedy: "write a section such as [targets.ox] with host and password_file"))
        }
        return targets
    }

    /// What `[console]` says, or its defaults.
    func requireConsole() throws(ConfigurationError) -> ConsoleSection {
        try ConsoleSection(SectionReader(document, section: ConsoleSection.path))
    }

    private func targetReaders() throws(ConfigurationError) -> [SectionReader] {
        guard case .table(let members) = document.node(at: ConfigurationKey(["targets"])) else { return [] }
        var readers: [SectionReader] = []
        for name in members.keys.sorted() {
            let reader = SectionReader(document, section: ["targets", name])
            // The name stands in the roster and on the command line.
            guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(\.isBareKeyByte) else {
                throw document.error(
                    at: reader.section,
                    ValueMistake(
                        "is not a name for a target", remedy: "use at most 64 letters, digits, \"-\" and \"_\""))
            }
            readers.append(reader)
        }
        return readers
    }
}
