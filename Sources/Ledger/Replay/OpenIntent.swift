public import MailModel
public import Spool

/// A batch of which it is not known whether the mailbox has it.
public struct OpenIntent: Hashable, Sendable {
    /// The intent as it was journaled, with only those entries that are neither delivered nor taken back.
    public var intent: AppendIntent
    /// When it was journaled: before the commit token went out.
    public var at: Timestamp
}
