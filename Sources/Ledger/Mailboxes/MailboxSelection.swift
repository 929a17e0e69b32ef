/// Which mailboxes a command means: `--mailbox A… | --mailboxes FILE | --wave W | --domain D | --all`, less `--except
/// FILE`.
///
/// With none of them, and with `isAll`, it means every mailbox.
public struct MailboxSelection: Hashable, Sendable {
    /// Addresses (any of a mailbox's) or ids.
    public var mailboxes: [String]
    /// `-` for the mailboxes that are in none.
    public var wave: String?
    /// Mailboxes whose primary address is in this domain.
    public var domain: String?
    public var isAll: Bool
    /// Addresses or ids to leave out.
    public var except: [String]

    public init(
        mailboxes: [String] = [], wave: String? = nil, domain: String? = nil, isAll: Bool = false, except: [String] = []
    ) {
        self.mailboxes = mailboxes
        self.wave = wave
        self.domain = domain
        self.isAll = isAll
        self.except = except
    }

    public static let all = MailboxSelection(isAll: true)

    /// Neither names nor leaves out anything: also mail for unknown recipients is meant.
    public var isEverything: Bool { mailboxes.isEmpty && wave == nil && domain == nil && except.isEmpty }
}
