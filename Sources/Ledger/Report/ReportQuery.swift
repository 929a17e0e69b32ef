import GRDB
import MailModel

/// Counts for an end report, inside one snapshot: from the delivery rows, not from the running tally.
struct ReportQuery {
    let database: Database
    let index: RecipientIndex

    func report(_ selection: MailboxSelection, now: Timestamp) throws -> DeliveryReport {
        let chosen = try MailboxQuery(database: database, index: index).select(selection)
        var lines: [Int64: DeliveryReport.Line] = [:]
        for status in chosen { lines[status.key] = Self.line(status, now: now) }
        var strays = DeliveryReport.Line()
        var removed = DeliveryReport.Line(state: DeliveryReport.Line.removed)
        try addCounts(to: &lines, removed: &removed, strays: &strays)
        try addFailures(to: &lines, removed: &removed)
        var mailboxes = chosen.compactMap { lines[$0.key] }
        if selection.isEverything { mailboxes += [removed, strays].filter { $0.counts.total > 0 } }
        var total = DeliveryReport.Line()
        var waves: [String: DeliveryReport.Line] = [:]
        for line in mailboxes {
            total.add(line)
            guard !line.wave.isEmpty else { continue }
            waves[line.wave, default: DeliveryReport.Line(wave: line.wave)].add(line)
        }
        return DeliveryReport(
            at: now, mailboxes: mailboxes, waves: waves.values.sorted { $0.wave < $1.wave }, total: total)
    }

    private static func line(_ status: MailboxStatus, now: Timestamp) -> DeliveryReport.Line {
        var line = DeliveryReport.Line(wave: status.mailbox.wave, mailbox: status.mailbox.address)
        line.target = status.mailbox.target
        line.state = status.state(now: now)
        line.mailboxes = 1
        line.block = status.block
        return line
    }

    /// What is no line's goes to mailboxes that have left the roster, where everything is meant.
    private func addCounts(
        to lines: inout [Int64: DeliveryReport.Line], removed: inout DeliveryReport.Line,
        strays: inout DeliveryReport.Line
    ) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT d.recipient, p.mailbox, d.state, coalesce(p.doubtful, 0), coalesce(p.finding LIKE 'normalised%', 0),
                count(*), sum(m.length), min(p.delivered_at), max(coalesce(p.verified_at, p.delivered_at))
                FROM delivery d JOIN message m ON m.seq = d.id >> ? LEFT JOIN placement p ON p.delivery = d.id
                GROUP BY 1, 2, 3, 4, 5
                """, arguments: [LedgerLimits.recipientBits])
        while let row = try rows.next() {
            guard let state = try DeliveryState(rawValue: row.at(2)) else { continue }
            let (first, last): (Int64?, Int64?) = try (row.at(7), row.at(8))
            let part = try ReportRow(
                count: row.at(5), bytes: row.at(6), isDoubtful: row.at(3), isNormalised: row.at(4),
                firstAt: first.map { Timestamp(milliseconds: $0) }, lastAt: last.map { Timestamp(milliseconds: $0) })
            let decided: Int64? = try row.at(1)
            guard let mailbox = try decided ?? index.mailbox(of: row.at(0)) else {
                strays.add(state, part)
                continue
            }
            if lines[mailbox]?.add(state, part) == nil { removed.add(state, part) }
        }
    }

    private func addFailures(
        to lines: inout [Int64: DeliveryReport.Line], removed: inout DeliveryReport.Line
    ) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT p.mailbox, coalesce(p.last_error, ''), count(*) FROM placement p JOIN delivery d ON d.id = p.delivery
                WHERE p.pending = 2 AND d.state = ? GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
                """, arguments: [DeliveryState.failed.rawValue])
        while let row = try rows.next() {
            let failure = try DeliveryReport.Failure(lastError: row.at(1), count: row.at(2))
            if try lines[row.at(0)]?.failures.append(failure) == nil { removed.failures.append(failure) }
        }
    }
}
