public import MailModel

/// An address in our domains that mail came for, or was refused for, and that no mailbox of the roster has.
public struct RecipientCoverage: Hashable, Sendable {
    /// As it was last written.
    public var recipient: String
    /// Accepted messages, whatever became of them.
    public var messages = 0
    /// Of these, those still held.
    public var held = 0
    /// Attempts that were answered 4xx, 5xx.
    public var deferred = 0
    public var rejected = 0
    /// Different senders and clients. Of refused attempts only ``DistinctNames/limit`` are told apart.
    public var senders = 0
    public var clients = 0
    public var firstSeen: Timestamp
    public var lastSeen: Timestamp
    /// Empty for a bounce.
    public var lastSender: String

    /// From how many places and how often: whoever has most is most likely missed.
    func hasMoreEvidence(than other: RecipientCoverage) -> Bool {
        let (own, others) = (evidence, other.evidence)
        return own == others ? recipient < other.recipient : own > others
    }

    private var evidence: (Int, Int, Int) { (clients, senders, messages + deferred + rejected) }
}

/// Everything of `roster coverage`.
public struct RosterCoverage: Sendable {
    /// Those with the most evidence first.
    public var recipients: [RecipientCoverage]
    /// Refused attempts for names of which no more is known: there were too many.
    public var unlisted: Int
}
