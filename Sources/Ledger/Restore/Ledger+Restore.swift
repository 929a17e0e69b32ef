import GRDB
public import MailModel

/// What is asked after a spool was brought back.
extension Ledger {
    /// Why the spool cannot be the one that this Ledger was made from: it was restored from a backup, or cut. Nil where it can.
    ///
    /// Then mailboxes may hold what the journal knows nothing of; see ``RestoreWatch``. A reader looks at the segments only.
    public func contradiction() throws -> String? { try database.contradiction(of: source) }

    /// When and why the spool was last found to be brought back; nil where it never was.
    public func lastRestore() throws -> ActRecord? {
        try query { database, _ in
            guard try LedgerMark.restoredAt(database) != nil else { return nil }
            return try ActHistory(database: database).last(kind: "restored")
        }
    }

    /// Since when the spool is known to be brought back, or to have damaged acts; nil where it never was.
    public func restoredAt() throws -> Timestamp? {
        try query { database, _ in try LedgerMark.restoredAt(database) }
    }

    /// The messages among these, found in a mailbox by their ids, that the spool knows.
    public func foundMail(mailboxID: String, ids: [MessageID]) throws -> [FoundMessage] {
        try query { database, index in
            guard let mailbox = try MailboxQuery(database: database, index: index).status(id: mailboxID) else {
                return []
            }
            return try FoundMail(database: database, index: index, mailbox: mailbox.key).messages(ids)
        }
    }
}

extension LedgerDatabase {
    /// Why the source cannot be the one that this file was made from; nil where it can, or where the file does not say.
    func contradiction(of source: any LedgerSource) throws -> String? {
        let (progress, mark) = try read { (try LedgerProgress.load($0), try LedgerMark.load($0)) }
        guard let progress, let mark else { return nil }
        return try source.contradiction(to: mark, progress)
    }
}
