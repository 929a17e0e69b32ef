/// One mailbox of the roster and its mail.
public struct MailboxFigures: Hashable, Sendable {
    /// Where a mailbox stands.
    public enum Phase: String, Hashable, Sendable, CaseIterable {
        /// Mail passes on to the old system.
        case old
        case holding
        /// Cut over, and mail is left.
        case replaying
        /// Cut over, and nothing is left.
        case live
        case paused
    }

    public var address: String
    public var target: String
    /// Empty when it is in none.
    public var wave: String
    public var phase: Phase
    /// The phase in words: `holding`, `replaying, 12 left`, `live`, `paused`.
    public var state: String
    public var held: Int
    public var delivered: Int
    public var verified: Int
    public var failed: Int
    public var doubtful: Int
    public var lastError: String?

    public init(
        address: String, target: String, wave: String = "", phase: Phase, state: String, held: Int = 0,
        delivered: Int = 0,
        verified: Int = 0, failed: Int = 0, doubtful: Int = 0, lastError: String? = nil
    ) {
        self.address = address
        self.target = target
        self.wave = wave
        self.phase = phase
        self.state = state
        self.held = held
        self.delivered = delivered
        self.verified = verified
        self.failed = failed
        self.doubtful = doubtful
        self.lastError = lastError
    }

    /// A person should look at it.
    public var hasProblem: Bool { failed > 0 || lastError != nil }

    /// What a reader looks for first stands first: problems, doubts, work going on, what is paused; then by address.
    static func isBefore(_ left: MailboxFigures, _ right: MailboxFigures) -> Bool {
        (left.urgency, left.address) < (right.urgency, right.address)
    }

    private var urgency: Int {
        if hasProblem { return 0 }
        if doubtful > 0 { return 1 }
        return switch phase {
        case .replaying: 2
        case .paused: 3
        case .holding, .old: 4
        case .live: 5
        }
    }
}
