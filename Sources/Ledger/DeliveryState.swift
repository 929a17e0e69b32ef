/// Where one delivery (a message for one recipient) stands. The raw value is what the database holds: never renumber.
public enum DeliveryState: Int64, Sendable, CaseIterable {
    /// In the spool, to be delivered. May become anything.
    case held = 0
    /// Named in an open intent: a copy may or may not be in the mailbox. Counts as held. Leaves to any of the next or
    /// back to `held`.
    case appending = 1
    /// The mailbox has it; its bytes were not compared yet.
    case delivered = 2
    /// The mailbox gave it back and its digest was right. Part of delivered.
    case verified = 3
    /// Another recipient of the message means the same mailbox, and that copy is there.
    case merged = 4
    /// Relayed to the old system.
    case passed = 5
    /// Given to the target's own MTA.
    case handedOff = 6
    /// Parked: this mailbox refused it for good. Leaves to `held` by `retry`.
    case failed = 7
    /// A person gave it up, with a reason.
    case dropped = 8

    /// The word in every output and in `--state`.
    public var word: String {
        self == .handedOff ? "handed_off" : String(describing: self)
    }

    public init?(word: String) {
        guard let state = Self.allCases.first(where: { $0.word == word.lowercased() }) else { return nil }
        self = state
    }
}
