public import MailModel

/// A message that acts name and that is neither in the segments nor given back.
public struct LostMessage: Hashable, Sendable {
    public var id: MessageID
    /// The last act that names it.
    public var act: Int64
    /// It came after everything that is here from before: the segments are older than the journal, as in a backup, which copies them
    /// first, or their end was lost.
    public var isBehindSegments: Bool
}

/// What is known of a message that no record tells of.
public enum MessageTrace: Hashable, Sendable {
    /// It was accepted: the index has it, or acts name it.
    case accepted
    /// Its bytes were given back on purpose.
    case givenBack
}
