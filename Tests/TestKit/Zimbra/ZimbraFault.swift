/// What goes wrong with one APPEND of the stand-in for Zimbra.
public enum ZimbraFault: Sendable {
    /// The server dies when this many octets of the command's literals have come.
    case diesBeforeToken(afterOctets: Int)
    /// The whole command was read; it dies before it stores anything.
    case diesBeforeStore
    /// It stores everything and dies before the OK.
    case diesAfterStore
    /// It stores everything; the OK never comes, the connection stays.
    case losesOK
    /// It waits for a lock (`zimbra_mailbox_lock_timeout`: up to 60 s) and stores so long after the client has gone.
    case zombie(milliseconds: Int)
    /// A `ServiceException` at message `at` (from 0) of the batch: what was stored is deleted again, `NO APPEND failed`
    /// (`imap/AppendMessage.java`).
    case serviceException(at: Int)
    /// A `RuntimeException` at message `at`: earlier messages stay, untagged `BAD`, the connection is closed
    /// (`imap/NioImapHandler.java`, `processRequest`).
    case runtimeException(at: Int)
    /// mailboxd crashes at message `at`: earlier messages stay, nothing is said.
    case crash(at: Int)
    /// `NO APPEND failed`, without a reason, every time.
    case refuses
    /// As `zombie`, but each message waits for a lock of its own: one after the other is stored, so long apart.
    case slowZombie(milliseconds: Int)
}
