import MailModel
import Receiver

/// `[receive]`: what the MX listens on and what it takes.
struct ReceiveSection: Hashable, Sendable {
    /// What becomes of a recipient in our domains whom the roster does not know.
    enum UnknownRecipients: String, CaseIterable, Sendable { case hold, `defer`, reject }

    /// What becomes of a line feed without a carriage return and the reverse.
    enum BareNewlines: String, CaseIterable, Sendable { case normalize, reject }

    /// Whether the DNS is asked for the names of clients.
    enum ReverseNames: String, CaseIterable, Sendable { case on, off }

    let listen: [ListenAddress]
    /// Lower case.
    let domains: [String]
    let maxMessageSize: ByteCount
    let unknownRecipients: UnknownRecipients
    let bareNewlines: BareNewlines
    let maxSessions: Int
    let maxRecipients: Int
    let timeout: Duration
    /// For bodies in flight, all sessions together.
    let memory: ByteCount
    let drain: Duration
    let lockWait: Duration
    /// Nil: nowhere.
    let statusListen: ListenAddress?
    let proxyNetworks: [IPNetwork]
    let xclientNetworks: [IPNetwork]
    let reverseNames: ReverseNames
    let limits: ReceiveLimitsSection
    let blocklists: BlocklistsSection
    let verdict: VerdictSection
    /// Nil: STARTTLS is not offered.
    let tls: ReceiveTLSSection?

    init(_ reader: SectionReader) throws(ConfigurationError) {
        listen = try reader.value(Self.listenSetting)
        domains = try reader.value(Self.domainsSetting)
        maxMessageSize = try reader.value(Self.maxMessageSizeSetting)
        unknownRecipients = try reader.value(Self.unknownRecipientsSetting)
        bareNewlines = try reader.value(Self.bareNewlinesSetting)
        maxSessions = try reader.value(Self.maxSessionsSetting)
        maxRecipients = try reader.value(Self.maxRecipientsSetting)
        timeout = try reader.value(Self.timeoutSetting)
        memory = try reader.value(Self.memorySetting)
        drain = try reader.value(Self.drainSetting)
        lockWait = try reader.value(Self.lockWaitSetting)
        statusListen = try reader.value(Self.statusListenSetting)
        if let statusListen, !HostName.isLoopback(statusListen.host) {
            throw reader.error(
                Self.statusListenSetting,
                "the status asks for no password and is not told on \(statusListen.host)",
                remedy: "write \"127.0.0.1:8026\", or \"off\"")
        }
        proxyNetworks = try reader.optionalValue(Self.proxyNetworksSetting) ?? []
        xclientNetworks = try reader.optionalValue(Self.xclientNetworksSetting) ?? []
        reverseNames = try reader.value(Self.reverseNamesSetting)
        blocklists = try BlocklistsSection(SectionReader(reader.document, section: BlocklistsSection.path))
        verdict = try VerdictSection(SectionReader(reader.document, section: VerdictSection.path))
        limits = try ReceiveLimitsSection(SectionReader(reader.document, section: ReceiveLimitsSection.path))
        let tlsReader = SectionReader(reader.document, section: ReceiveTLSSection.path)
        tls = tlsReader.isPresent ? try ReceiveTLSSection(tlsReader) : nil
    }
}
