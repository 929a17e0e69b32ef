import GRDB
public import MailModel
import Spool

extension Ledger {
    /// The messages, not given back, that an index from before a restore knows and this one does not: accepted mail that went with the
    /// spool of then. By id.
    ///
    /// Kept are the indexes that ``RestoreWatch`` has moved away. Costs a look for each of their messages where there are any.
    public func missingSinceRestore() throws -> [MessageID] {
        var missing: Set<MessageID> = []
        for path in LedgerPlace(layout: layout).keptBeforeRestore().there {
            // Of one that cannot be read any more nothing is known.
            guard let known = try? Self.messages(inKept: path) else { continue }
            missing.formUnion(try unknown(among: known))
        }
        return missing.sorted()
    }

    /// All accepted mail that is known to be lost: what acts name, and what an index from before a restore knows. By id.
    public func lostMail() throws -> [MessageID] {
        let named = try lostMessages().filter { !$0.isBehindSegments }.map(\.id)
        return Set(named).union(try missingSinceRestore()).sorted()
    }

    private static func messages(inKept path: String) throws -> [MessageID] {
        try SQLiteFailure.translated(path: path) {
            let kept = try LedgerWriter(path: path, durability: .full)
            defer { kept.close() }
            let select = try kept.statement("SELECT id FROM message WHERE reclaimed_at IS NULL ORDER BY id")
            var ids: [MessageID] = []
            while try select.step() {
                if let id = select.messageID(0) { ids.append(id) }
            }
            return ids
        }
    }

    private func unknown(among ids: [MessageID]) throws -> [MessageID] {
        try query { database, _ in
            let select = try database.cachedStatement(sql: "SELECT 1 FROM message WHERE id = ?")
            return try ids.filter { try Row.fetchOne(select, arguments: [$0.blob]) == nil }
        }
    }

    /// Refuses where mail is missing that only an index from before a restore knows; see ``missingSinceRestore()``.
    public func checkNothingIsMissingSinceRestore() throws {
        let missing = try missingSinceRestore()
        guard let first = missing.first else { return }
        throw MissingMail.refusal(
            missing.count, "an index from before a restore alone (\(layout.ledger).before-restore), \(first) first")
    }

    /// Takes the indexes away that were kept before restores. Returns how many messages nothing knows of any more.
    public func forgetMissingSinceRestore() throws -> Int {
        let missing = try missingSinceRestore().count
        LedgerPlace(layout: layout).discardKeptBeforeRestore()
        return missing
    }
}
