public import MailModel
public import Spool

/// A rehearsal of which copies may still be in an account.
public struct OpenRehearsal: Hashable, Sendable {
    public var rehearsal: Rehearsal
    /// When it began.
    public var at: Timestamp
}
