public import MailModel

/// Why a mailbox must be looked into before anything is delivered into it.
public enum ReconcileCause: Hashable, Sendable {
    /// The spool was brought back, and what was delivered in the time that it does not know is nowhere but in the mailboxes.
    case restore
    /// Mail from before that came to it since, by a change of the roster or by an import.
    case olderMail(at: Timestamp)
}
