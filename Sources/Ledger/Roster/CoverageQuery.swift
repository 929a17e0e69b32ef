import GRDB
import MailModel
import Spool

/// Which recipients have no mailbox now, and what speaks for each, inside one snapshot.
struct CoverageQuery {
    let database: Database
    let index: RecipientIndex
    let resolver: RecipientResolver
    /// What came before is not counted, as far as it is known when each thing came.
    let since: Timestamp?

    /// - Parameter refused: what the receiver has counted.
    func recipients(refused: [String: RefusedRecipient]) throws -> [RecipientCoverage] {
        var found: [String: Found] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT id, key, text FROM recipient ORDER BY id")
        var unknown: [(id: Int64, key: String, text: String)] = []
        while let row = try rows.next() {
            guard try index.mailbox(of: row.at(0)) == nil else { continue }
            unknown.append(try (row.at(0), row.at(1), row.at(2)))
        }
        for (id, key, text) in unknown {
            if let one = try accepted(id, text) { found[key] = one }
        }
        for (address, entry) in refused where since.map({ entry.last >= $0 }) ?? true {
            let key = address.asciiLowercased
            guard try resolver.mailbox(for: key) == nil else { continue }
            try add(entry, address, to: &found[key])
        }
        return found.values.map(\.coverage).sorted { $0.hasMoreEvidence(than: $1) }
    }

    /// One recipient, with the senders and clients of accepted mail by their numbers.
    private struct Found {
        var coverage: RecipientCoverage
        var senders: Set<Int64> = []
        var clients: Set<Int64> = []
    }

    private func accepted(_ recipient: Int64, _ text: String) throws -> Found? {
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT d.state, m.sender, m.client, m.received_at FROM delivery d
                    JOIN message m ON m.seq = d.id >> \(LedgerLimits.recipientBits)
                    WHERE d.recipient = ? AND m.received_at >= ? ORDER BY d.id
                    """), arguments: [recipient, since?.milliseconds ?? Int64.min])
        var found: Found?
        var lastSender: Int64 = 0
        while let row = try rows.next() {
            let at = Timestamp(milliseconds: try row.at(3))
            var one =
                found
                ?? Found(coverage: RecipientCoverage(recipient: text, firstSeen: at, lastSeen: at, lastSender: ""))
            one.coverage.messages += 1
            if try DeliveryState(rawValue: row.at(0)) == .held { one.coverage.held += 1 }
            one.coverage.firstSeen = min(one.coverage.firstSeen, at)
            one.coverage.lastSeen = max(one.coverage.lastSeen, at)
            lastSender = try row.at(1)
            one.senders.insert(lastSender)
            one.clients.insert(try row.at(2))
            found = one
        }
        guard var found else { return nil }
        found.coverage.senders = DistinctNames(try senderNames(found.senders)).count
        found.coverage.clients = found.clients.count
        found.coverage.lastSender = try texts([lastSender], "SELECT text FROM sender WHERE id = ?").first ?? ""
        return found
    }

    private func add(_ entry: RefusedRecipient, _ address: String, to found: inout Found?) throws {
        var one =
            found
            ?? Found(
                coverage: RecipientCoverage(
                    recipient: address, firstSeen: entry.first, lastSeen: entry.last, lastSender: entry.lastSender))
        one.coverage.deferred += entry.deferred
        one.coverage.rejected += entry.rejected
        if entry.last >= one.coverage.lastSeen { one.coverage.lastSender = entry.lastSender }
        one.coverage.firstSeen = min(one.coverage.firstSeen, entry.first)
        one.coverage.lastSeen = max(one.coverage.lastSeen, entry.last)
        one.coverage.senders =
            DistinctNames(try senderNames(one.senders))
            .union(entry.senders).count
        one.coverage.clients =
            DistinctNames(try texts(one.clients, "SELECT text FROM term WHERE id = ?"))
            .union(entry.clients).count
        found = one
    }

    /// One sender in several spellings counts once.
    private func senderNames(_ ids: Set<Int64>) throws -> [String] {
        try texts(ids, "SELECT lower(key) FROM sender WHERE id = ?")
    }

    private func texts(_ ids: some Sequence<Int64>, _ sql: String) throws -> [String] {
        let statement = try database.cachedStatement(sql: sql)
        var texts: [String] = []
        for id in ids {
            if let row = try Row.fetchOne(statement, arguments: [id]) { texts.append(try row.at(0)) }
        }
        return texts
    }
}
