import MailModel

/// Other words that come again and again (client addresses, HELO names, TLS parameters, targets) as small numbers.
final class InternedTerms {
    private var cache: [ExactText: Int64] = [:]

    func id(_ text: String, on writer: LedgerWriter) throws -> Int64 {
        let exact = ExactText(text)
        if let id = cache[exact] { return id }
        let id = try find(text, on: writer) ?? add(text, on: writer)
        if cache.count >= LedgerLimits.internedStringsInMemory { cache.removeAll(keepingCapacity: true) }
        cache[exact] = id
        return id
    }

    private func find(_ text: String, on writer: LedgerWriter) throws -> Int64? {
        let statement = try writer.statement("SELECT id FROM term WHERE text = ?")
        statement.bind(1, text)
        defer { statement.reset() }
        return try statement.step() ? statement.int(0) : nil
    }

    private func add(_ text: String, on writer: LedgerWriter) throws -> Int64 {
        let statement = try writer.statement("INSERT INTO term (text) VALUES (?)")
        statement.bind(1, text)
        try statement.run()
        return statement.lastInsertedRow
    }

    func removeAll() { cache.removeAll() }
}
