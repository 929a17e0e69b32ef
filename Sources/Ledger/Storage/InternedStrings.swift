import MailModel

/// Addresses as small numbers: one table of (id, key, text as first met), with a bounded cache before it.
final class InternedStrings {
    private let table: String
    private let cached: Int
    private var cache: [ExactText: Int64] = [:]
    private var knowsAll: Bool
    private var insert: WriteStatement?
    private var select: WriteStatement?

    /// - Parameters:
    ///   - cached: how many are kept in memory.
    ///   - isNew: the table is empty, so what is not in memory is not in the table until something was let go.
    init(table: String, cached: Int, isNew: Bool) {
        self.table = table
        self.cached = cached
        knowsAll = isNew
    }

    /// The number of `key`, which is made when it is new.
    func id(key: String, text: String, on writer: LedgerWriter) throws -> Int64 {
        let exact = ExactText(key)
        if let id = cache[exact] { return id }
        let id = try (knowsAll ? nil : find(key, on: writer)) ?? add(key, text, on: writer)
        if cache.count >= cached {
            cache.removeAll(keepingCapacity: true)
            knowsAll = false
        }
        cache[exact] = id
        return id
    }

    /// The number of `key` when it is known.
    func find(_ key: String, on writer: LedgerWriter) throws -> Int64? {
        let statement = try select ?? writer.statement("SELECT id FROM \(table) WHERE key = ?")
        select = statement
        statement.bind(1, key)
        defer { statement.reset() }
        return try statement.step() ? statement.int(0) : nil
    }

    private func add(_ key: String, _ text: String, on writer: LedgerWriter) throws -> Int64 {
        let statement = try insert ?? writer.statement("INSERT INTO \(table) (key, text) VALUES (?, ?)")
        insert = statement
        statement.bind(1, key)
        statement.bind(2, text)
        try statement.run()
        return statement.lastInsertedRow
    }

    func removeAll() {
        cache.removeAll()
        knowsAll = false
    }

    /// Lets go of the statements, which would keep the connection open.
    func finalize() {
        insert = nil
        select = nil
    }
}
