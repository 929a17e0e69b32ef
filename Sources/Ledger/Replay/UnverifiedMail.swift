public import MailModel

/// What one mailbox was given and nobody has compared, in the order of arrival.
public struct UnverifiedMail: Hashable, Sendable {
    public var mailboxID: String
    /// The mailbox's primary address.
    public var address: String
    /// Looked for in the whole account, and nowhere there.
    public var missing: [MessageID]
    /// Nobody has looked for these, or they are there and are not what was appended.
    public var others: [MessageID]
}
