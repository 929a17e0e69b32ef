public import Spool

/// The SQLite index of the spool.
public final class Ledger: Sendable {
    let database: LedgerDatabase
    let source: any LedgerSource
    let domainAliases: [String: String]

    init(layout: SpoolLayout, role: LedgerRole, domainAliases: [String: String], source: any LedgerSource) throws {
        self.source = source
        self.domainAliases = domainAliases
        database = try LedgerDatabase(layout: layout, role: role)
    }

    func catchUp() throws -> LedgerProgress {
        try LedgerProjector(source: source, domainAliases: domainAliases) { try self.database.write($0) }.catchUp()
    }
}
