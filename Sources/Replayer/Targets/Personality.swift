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

    init(kind: ReplayTarget.Kind, session: IMAPSession) {
        let name = (session.identification["name"] ?? session.identification["NAME"] ?? "").lowercased()
        let canBatch = session.capabilities.hasMultiAppend
        // What the server calls itself goes before what the configuration takes it for: a wrong `kind` must not make an APPEND atomic.
        if name.contains("zimbra") {
            self.init(.zimbra, isAtomic: false, isExact: true, messages: canBatch ? 10 : 1, bytes: 4 << 20, noop: true)
        } else if name.contains("dovecot") {
            self.init(.dovecot, isAtomic: true, isExact: true, messages: canBatch ? 100 : 1, bytes: 16 << 20)
        } else if name.contains("cyrus") {
            self.init(.cyrus, isAtomic: true, messages: canBatch ? 50 : 1, bytes: 8 << 20)
        } else if name.contains("courier") {
            self.init(.courier, isAtomic: false, messages: 1, bytes: 4 << 20)
        } else if kind == .dovecot {
            self.init(.dovecot, isAtomic: true, isExact: true, messages: canBatch ? 100 : 1, bytes: 16 << 20)
        } else if kind == .zimbra {
            self.init(.zimbra, isAtomic: false, isExact: true, messages: canBatch ? 10 : 1, bytes: 4 << 20, noop: true)
        } else {
            // Nothing is known of it: one message at a time is what every server does right.
            self.init(.unknown, isAtomic: false, messages: 1, bytes: 4 << 20)
        }
    }

    private init(_ kind: Kind, isAtomic: Bool, isExact: Bool = false, messages: Int, bytes: Int, noop: Bool = false) {
        self.isExact = isExact
        self.kind = kind
        self.isAtomic = isAtomic
        batchMessages = messages
        batchBytes = bytes
        needsNoopBetweenBatches = noop
    }
}
