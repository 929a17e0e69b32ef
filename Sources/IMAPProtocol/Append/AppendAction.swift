/// What the owner of the connection does after an event.
public enum AppendAction: Hashable, Sendable {
    /// Write these and flush.
    case write([AppendPiece])
    case wait
    /// The dialogue is over. `.close` first where it says so: what the server makes of further bytes is unknown.
    case finish(AppendOutcome, ConnectionFate)
}

/// Whether a connection can take another command.
public enum ConnectionFate: Hashable, Sendable {
    case keep, close
}
