public import MailModel

/// One act of the history: who did what, when and why.
public struct ActRecord: Hashable, Sendable {
    public var sequence: Int64
    public var at: Timestamp
    public var by: String
    /// The act's name: `cutover`, `delivered`, `dropped`…
    public var kind: String
    public var batch: MessageID?
    public var what: String
    /// May be empty.
    public var why: String
}
