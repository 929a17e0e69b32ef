import GRDB
import MailModel
import Synchronization

/// The table of all recipients, kept between the questions of one process.
final class KeptRecipients: Sendable {
    private let table = Mutex(RecipientTable())

    /// Whether a question has needed the table before, so that to bring it to another snapshot is cheap.
    var isFilled: Bool { table.withLock(\.isFilled) }

    /// The table as of the snapshot that `database` reads. The first time costs as much as there are recipients.
    func table(_ database: Database, rules: AddressRules) throws -> RecipientTable {
        try table.withLock { table in
            try table.refresh(database, rules: rules)
            return table
        }
    }
}
