import GRDB
import MailModel

/// The mailbox of each recipient that mail has come for, all of them, as of one snapshot.
struct RecipientTable {
    private var rosterVersion: Int64 = -1
    private var lastRecipient: Int64 = 0
    private var lastMessage: Int64 = 0
    private var addresses: [ExactText: Int64] = [:]
    private var mailboxes: [Int64: Int64] = [:]
    private var recipients: [Int64: [Int64]] = [:]

    /// False until it was read once.
    var isFilled: Bool { rosterVersion >= 0 }

    /// Brings the table to the state of the snapshot that `database` reads.
    mutating func refresh(_ database: Database, rules: AddressRules) throws {
        guard let progress = try LedgerProgress.load(database) else { return }
        if progress.rosterVersion != rosterVersion || progress.message < lastMessage {
            self = RecipientTable()
            rosterVersion = progress.rosterVersion
            let rows = try Row.fetchCursor(database, sql: "SELECT address, mailbox FROM mailbox_address")
            while let row = try rows.next() { addresses[ExactText(try row.at(0))] = try row.at(1) }
        }
        lastMessage = progress.message
        let addresses = addresses
        let resolver = RecipientResolver(rules: rules) { addresses[ExactText($0)] }
        let new = try Row.fetchCursor(
            database.cachedStatement(sql: "SELECT id, key FROM recipient WHERE id > ? ORDER BY id"),
            arguments: [lastRecipient])
        while let row = try new.next() {
            let (recipient, key): (Int64, String) = try (row.at(0), row.at(1))
            lastRecipient = recipient
            guard let mailbox = try resolver.mailbox(for: key) else { continue }
            mailboxes[recipient] = mailbox
            recipients[mailbox, default: []].append(recipient)
        }
    }

    /// The mailbox that a recipient means; nil for none.
    func mailbox(of recipient: Int64) -> Int64? { mailboxes[recipient] }

    /// The recipients that mean a mailbox, oldest first.
    func recipients(of mailbox: Int64) -> [Int64] { recipients[mailbox] ?? [] }

    /// The mailbox that has exactly this address (in lower case) in the roster.
    func mailbox(named key: String) -> Int64? { addresses[ExactText(key)] }
}
