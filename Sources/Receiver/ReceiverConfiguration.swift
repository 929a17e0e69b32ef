public import MailModel
public import SMTPProtocol

/// What the MX is told: where it listens, for whom it takes mail, and how much.
public struct ReceiverConfiguration: Sendable {
    /// What becomes of a recipient in our domains whom the roster does not know.
    public enum UnknownRecipients: String, Sendable, CaseIterable {
        /// Taken and held: nobody's mail is lost to an incomplete list.
        case hold
        /// 450 4.1.1: the sender tries again.
        case `defer`
        /// 550 5.1.1.
        case reject
    }

    /// One address to listen at.
    public struct Listener: Hashable, Sendable {
        /// `0.0.0.0`, `::`, `192.0.2.1`; without brackets. `::` means every IPv6 address and no IPv4 one: list both.
        public var host: String
        /// 0 lets the system choose.
        public var port: Int

        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    public var hostname: String
    /// Listening sockets that systemd, or a parent, has handed over; with any, `listeners` is not bound. They are closed at the end.
    public var inheritedSockets: [CInt] = []
    /// Where metrics and health are asked for; nil: nowhere. A loopback address.
    public var statusListener: Listener?
    /// Load balancers: a connection from there begins with a PROXY header, or is closed.
    public var proxyNetworks: [IPNetwork] = []
    /// Gateways that may speak for their clients with XCLIENT.
    public var xclientNetworks: [IPNetwork] = []
    /// Whose word it is that a message is junk; by default nobody's.
    public var junk = JunkVerdict()
    /// Off where it has no zones.
    public var blocklists = BlocklistConfiguration()
    /// Clients' names are asked for, for `Received:`.
    public var asksClientNames = false
    /// Nil: the first one of /etc/resolv.conf.
    public var nameServer: Listener?
    public var protocolLimits = SMTPLimits()
    /// Asked for the metrics: log lines that were dropped because the log could not keep up.
    public var droppedLogLines: @Sendable () -> Int = { 0 }
    public var listeners: [Listener]
    /// Lower case.
    public var domains: [String]
    /// Old domain to new domain, both lower case; mail to an old domain is taken as well.
    public var domainAliases: [String: String]
    /// See ``AddressRules/recipientDelimiter``.
    public var recipientDelimiter = "+"
    public var maximumMessageSize: ByteCount
    public var unknownRecipients: UnknownRecipients
    public var bareNewlines: BareNewlinePolicy
    public var limits: ReceiverLimits
    /// RCPT commands accepted for one message.
    public var maximumRecipients = 1_000

    public init(
        hostname: String, listeners: [Listener], domains: [String], domainAliases: [String: String] = [:],
        maximumMessageSize: ByteCount = .mib(25), unknownRecipients: UnknownRecipients = .hold,
        bareNewlines: BareNewlinePolicy = .normalize, limits: ReceiverLimits = ReceiverLimits()
    ) {
        self.hostname = hostname
        self.listeners = listeners
        self.domains = domains
        self.domainAliases = domainAliases
        self.maximumMessageSize = maximumMessageSize
        self.unknownRecipients = unknownRecipients
        self.bareNewlines = bareNewlines
        self.limits = limits
    }
}
