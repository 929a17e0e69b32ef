/// A value of ours that cannot be put into a command without changing the command's meaning.
public struct IMAPEncodeError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// CR, LF or NUL in a string, or any control character in a mailbox name: it could end the command and begin another.
        case controlCharacter
        case emptyMailboxName
        /// It needs a literal, which this command cannot wait for.
        case mailboxNameNotASCII
        case emptyUIDSet
        /// APPEND of no message at all.
        case emptyBatch
        /// A literal of 0 octets cancels a MULTIAPPEND (RFC 3502 §6.3.11) and is refused by Zimbra and Dovecot.
        case emptyMessage
        /// More than one message, and the server has not advertised MULTIAPPEND.
        case multiAppendUnsupported
    }

    public let reason: Reason

    public init(_ reason: Reason) { self.reason = reason }
}
