import MailModel

/// What a selection means to a proof.
struct SelectedMailboxes {
    /// The mailboxes' numbers.
    let keys: Set<Int64>
    /// `@domain` in lower case, where mail for a domain's addresses that mean no mailbox is meant too.
    let domainSuffix: String?

    init(_ selection: MailboxSelection, _ mailboxes: MailboxQuery) throws {
        keys = Set(try mailboxes.select(selection).map(\.key))
        domainSuffix = selection.domain.map { "@" + $0.asciiLowercased }
    }
}
