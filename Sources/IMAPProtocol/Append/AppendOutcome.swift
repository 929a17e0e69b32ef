/// What is known about the messages of one APPEND.
public enum AppendOutcome: Hashable, Sendable {
    /// All of them are in the mailbox; UIDs in the order of the batch, one each, ascending. The caller still compares UIDVALIDITY and UIDNEXT
    /// with those of its intent.
    case appended(UIDValidity, [UID])
    /// The server said OK but not where; find them by their trace header.
    case appendedWithoutUIDs
    /// The server said NO or BAD. Where the token was sent, only a server with an atomic APPEND has surely kept nothing (Zimbra's is not).
    case refused(AppendRefusal)
    /// The token was never sent, so the server has stored nothing. May be tried again at once.
    case notAppended(AppendInterruption)
    /// The token was sent and no answer came: the messages are in the mailbox, or not, or not yet. Resolve before anything is sent again.
    case inDoubt(AppendInterruption)
}
