/// How much of a session may still happen when the server goes down.
public enum ShutdownPatience: Hashable, Sendable {
    /// A message of which DATA has begun may come to its end and get its answer.
    case untilMessageEnds
    /// Only a commit that the spool has in hand gets its answer.
    case none
}
