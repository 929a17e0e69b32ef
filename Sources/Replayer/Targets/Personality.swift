import IMAPProtocol

/// How a server differs from the RFCs in what matters here (imap-targets §0 to §2).
struct Personality: Sendable {
    enum Kind: String, Sendable {
        case dovecot, zimbra, cyrus, courier, unknown
    }

    let kind: Kind
    /// One MULTIAPPEND is stored whole or not at all.
    let isAtomic: Bool
    /// Gives back the octets that it was given, if they are CRLF text without NUL.
    let isExact: Bool
    /// Messages and bytes of one APPEND command.
    let batchMessages: Int
    let batchBytes: Int
    /// The command limit on repeats of one APPEND is broken by another command in between.
    let needsNoopBetweenBatches: Bool
    /// It refuses an APPEND into a folder that is open for reading (Courier: `Current box is selected READ-ONLY`).
    let mustLeaveFolder: Bool
    /// The default of `zimbraMtaMaxMessageSize` (imap-targets §0, finding 6).
    static let zimbraMessageSize = 10_240_000
    /// How long it may still commit an APPEND whose client is gone: its longest wait for a lock, and a reserve.
    var settle: Duration { kind == .zimbra ? Self.shortestSettle : Self.longestSettle }
    /// Zimbra waits for 60 s (`zimbra_mailbox_lock_timeout`), Dovecot for 180 s (`MAIL_TRANSACTION_LOG_LOCK_TIMEOUT`); of the others
    /// no limit is known (imap-targets §0, finding 3).
    static let shortestSettle = Duration.seconds(90)
    static let longestSettle = Duration.seconds(200)
    /// What it is known to make of a message; a copy in such a form is ours, and told as normalised.
    let forms: [StoredForm]

    init(kind: ReplayTarget.Kind, session: IMAPSession) {
        self.init(
            kind: kind, name: session.identification["name"] ?? session.identification["NAME"] ?? "",
            greeting: session.greeting, capabilities: session.capabilities)
    }

    /// What the server calls itself goes before what the configuration takes it for: a wrong `kind` must not make an APPEND atomic.
    init(kind: ReplayTarget.Kind, name: String, greeting: String, capabilities: Capabilities) {
        let found = Self.kind(called: name) ?? Self.kind(greeting, capabilities) ?? Self.kind(configured: kind)
        self.init(found, canBatch: capabilities.hasMultiAppend)
    }

    private static func kind(called name: String) -> Kind? {
        let name = name.lowercased()
        return [Kind.zimbra, .dovecot, .cyrus, .courier].first { name.contains($0.rawValue) }
    }

    /// Courier has no ID command: it is known by its greeting, and by a capability that is nobody else's.
    private static func kind(_ greeting: String, _ capabilities: Capabilities) -> Kind? {
        greeting.lowercased().hasPrefix("courier-imap") || capabilities.has("ACL2=UNION") ? .courier : nil
    }

    private static func kind(configured kind: ReplayTarget.Kind) -> Kind {
        switch kind {
        case .dovecot: .dovecot
        case .zimbra: .zimbra
        case .cyrus: .cyrus
        case .courier: .courier
        case .auto: .unknown
        }
    }

    private init(_ kind: Kind, canBatch: Bool) {
        switch kind {
        case .zimbra:
            self.init(kind, isAtomic: false, isExact: true, messages: canBatch ? 10 : 1, bytes: 4 << 20, noop: true)
        case .dovecot:
            self.init(
                kind, isAtomic: true, isExact: true, messages: canBatch ? 100 : 1, bytes: 16 << 20,
                forms: [.linefeedStorage])
        case .cyrus:
            self.init(kind, isAtomic: true, messages: canBatch ? 50 : 1, bytes: 8 << 20, forms: [.sevenBitHeader])
        case .courier:
            self.init(
                kind, isAtomic: false, messages: 1, bytes: 4 << 20, mustLeaveFolder: true,
                forms: [.carriageReturnsDropped])
        case .unknown:
            // Nothing is known of it: one message at a time is what every server does right.
            self.init(
                kind, isAtomic: false, messages: 1, bytes: 4 << 20, mustLeaveFolder: true, forms: StoredForm.allCases)
        }
    }

    private init(
        _ kind: Kind, isAtomic: Bool, isExact: Bool = false, messages: Int, bytes: Int, noop: Bool = false,
        mustLeaveFolder: Bool = false, forms: [StoredForm] = []
    ) {
        self.isExact = isExact
        self.kind = kind
        self.isAtomic = isAtomic
        self.mustLeaveFolder = mustLeaveFolder
        self.forms = forms
        batchMessages = messages
        batchBytes = bytes
        needsNoopBetweenBatches = noop
    }
}
