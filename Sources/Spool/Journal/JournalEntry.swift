public import MailModel

/// An act as it stands in the journal: with its place, its time and who did it.
public struct JournalEntry: Hashable, Sendable {
    /// 1 for the journal's first entry, then without gaps over all its files.
    public var sequence: UInt64
    public var at: Timestamp
    /// The operating-system user, or the role, that did it: `root`, `replay`.
    public var by: String
    /// Nil where the content was erased, or comes from a newer version that this one does not know.
    public var act: JournalAct?

    public init(sequence: UInt64, at: Timestamp, by: String, act: JournalAct?) {
        self.sequence = sequence
        self.at = at
        self.by = by
        self.act = act
    }
}
