public import MailModel

/// One unknown recipient in our domains, and how often he was asked for in vain.
public struct RefusedRecipient: Hashable, Sendable {
    /// RCPT commands answered 4xx.
    public var deferred: Int
    /// RCPT commands answered 5xx.
    public var rejected: Int
    public var first: Timestamp
    public var last: Timestamp
    public var senders: DistinctNames
    public var clients: DistinctNames
    /// Empty for bounces.
    public var lastSender: String

    public init(
        deferred: Int = 0, rejected: Int = 0, first: Timestamp, last: Timestamp,
        senders: DistinctNames = DistinctNames(),
        clients: DistinctNames = DistinctNames(), lastSender: String = ""
    ) {
        self.deferred = deferred
        self.rejected = rejected
        self.first = first
        self.last = last
        self.senders = senders
        self.clients = clients
        self.lastSender = lastSender
    }

    /// What speaks for a person behind the address: mail from several places and senders, again and again. A sweep through guessed
    /// names asks for each once.
    public func hasLessEvidence(than other: RefusedRecipient) -> Bool {
        let (own, others) = (evidence, other.evidence)
        return own == others ? last < other.last : own < others
    }

    private var evidence: (Int, Int, Int) { (clients.count, senders.count, deferred &+ rejected) }
}
