public import MailModel

/// Every limit of a rehearsal, with its reason.
public enum RehearsalLimits {
    /// Messages copied for each mailbox: enough to measure by, few enough that a thousand mailboxes are through in minutes.
    public static let messages = 20
    /// And their octets, so that a mailbox of large messages does not fill its quota.
    public static let bytes = ByteCount.mib(8)
    /// A quota must have room for so many times what is copied: new mail of the account must not be refused because of a rehearsal.
    static let quotaReserve = 4
    /// Messages that a server refused which are named for one mailbox.
    static let refusalsNamed = 5
    /// Messages of an account of which it is told what the server has changed in them.
    static let changesNamed = 5
}
