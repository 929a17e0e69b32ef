public import NIOCore

/// What the owner of the connection does after an event.
public enum IMAPClientAction: Hashable, Sendable {
    case wait
    case write(ByteBuffer)
    /// Make sure that no byte is left unread (else `.responseInjection`), then run the TLS handshake.
    case startHandshake
    /// Logged in; commands may run.
    case ready
    /// Data, for the command that runs if one does.
    case untagged(UntaggedResponse)
    /// The running command is over; another may run.
    case complete(TaggedResponse)
    /// Close the connection. Final.
    case fail(IMAPClientError)
}
