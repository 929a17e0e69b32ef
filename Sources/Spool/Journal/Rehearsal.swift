public import MailModel

/// A rehearsal in one account: where copies are put, and what must be cleaned up there.
public struct Rehearsal: Hashable, Sendable {
    /// Stands in a header line of each copy, so that what is ours can be told from everything else.
    public var run: MessageID
    /// The mailbox whose held mail is copied.
    public var mailboxID: String
    /// Where to: the mailbox's own account, or a test account.
    public var target: String
    public var login: String
    public var folder: String
    /// The folder was not there: it is made by the rehearsal, and removed with it.
    public var makesFolder: Bool
    public var messages: Int
    /// May be empty.
    public var why: String

    public init(
        run: MessageID, mailboxID: String, target: String, login: String, folder: String, makesFolder: Bool,
        messages: Int, why: String
    ) {
        self.run = run
        self.mailboxID = mailboxID
        self.target = target
        self.login = login
        self.folder = folder
        self.makesFolder = makesFolder
        self.messages = messages
        self.why = why
    }
}
