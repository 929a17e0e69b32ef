/// What a client asks for (RFC 3501 §6), APPEND aside, which has a machine of its own.
///
///     C: L5 UID FETCH 4827:4926 (UID RFC822.SIZE BODY.PEEK[])
public enum IMAPCommand: Hashable, Sendable {
    case capability
    case noop
    case logout
    case startTLS
    case login(user: String, password: String)
    /// AUTHENTICATE PLAIN; `hasInitialResponse` where SASL-IR was advertised (RFC 4959).
    case authenticatePlain(authorize: String, authenticate: String, password: String, hasInitialResponse: Bool)
    /// RFC 2971
    case id(name: String, version: String?)
    case namespace
    /// All folders under `reference` that fit `pattern` (RFC 3501 §6.3.8).
    case list(reference: String, pattern: String)
    /// UIDVALIDITY, UIDNEXT and MESSAGES; not for the selected mailbox (RFC 3501 §6.3.10).
    case status(MailboxName)
    case create(MailboxName)
    /// Removes a folder with what is in it (RFC 3501 §6.3.4).
    case delete(MailboxName)
    /// Opens a mailbox for changing it. CLOSE would then remove what anybody has marked: leave it by UNSELECT or another EXAMINE.
    case select(MailboxName)
    /// What the user may do with a mailbox (RFC 4314 §3.5).
    case myRights(MailboxName)
    /// The largest message that this mailbox takes (RFC 7889 §2.2), where the capability names no number.
    case statusAppendLimit(MailboxName)
    /// Marks messages `\Deleted`.
    case uidMarkDeleted(UIDSet)
    /// Removes these messages, if they are marked, and no others (RFC 4315 §2.1).
    case uidExpunge(UIDSet)
    /// Opens a mailbox for reading only.
    case examine(MailboxName)
    case close
    /// RFC 3691
    case unselect
    /// RFC 9208 §4.1.3
    case getQuotaRoot(MailboxName)
    case uidFetch(UIDSet, FetchItems)

    /// What a UID FETCH of ours asks for.
    public enum FetchItems: String, Hashable, Sendable {
        /// The size and the trace header. PEEK leaves `\Seen` alone.
        case trace = "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (X-LAYOVER-ID)])"
        /// The size and every octet.
        case whole = "(UID RFC822.SIZE BODY.PEEK[])"
        case size = "(UID RFC822.SIZE)"
        /// The header line by which copies of a rehearsal are known.
        case rehearsalMark = "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (X-LAYOVER-REHEARSAL)])"
    }
}
