/// How the work on one mailbox ended.
enum MailboxOutcome: Sendable {
    /// Nothing is left to do, but what is parked.
    case done
    /// An APPEND is in doubt, and the server may still commit it: come back after this time.
    case settling(Duration)
    /// Another process works on it.
    case busy
    /// It cannot go on now.
    case stopped(ReplayError)
}
