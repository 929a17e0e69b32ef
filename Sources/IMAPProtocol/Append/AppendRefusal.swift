/// A tagged NO or BAD to an APPEND.
public struct AppendRefusal: Hashable, Sendable {
    /// `.no` or `.bad`.
    public let status: ResponseStatus
    public let text: ResponseText
    /// False: nothing of this batch can be in the mailbox.
    public let tokenWasSent: Bool

    public init(status: ResponseStatus, text: ResponseText, tokenWasSent: Bool) {
        self.status = status
        self.text = text
        self.tokenWasSent = tokenWasSent
    }
}
