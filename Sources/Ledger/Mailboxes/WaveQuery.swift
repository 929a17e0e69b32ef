import GRDB
import MailModel

/// Waves with the mailboxes that are in them now, inside one snapshot.
struct WaveQuery {
    let database: Database
    let index: RecipientIndex
    let now: Timestamp

    /// Those with a name, by name.
    func waves() throws -> [WaveStatus] {
        let mailboxes = Dictionary(
            grouping: try MailboxQuery(database: database, index: index).statuses(), by: \.mailbox.wave)
        return try Row.fetchAll(
            database, sql: "SELECT closed_at, closed_by, why, name FROM wave WHERE name <> '' ORDER BY name"
        )
        .map {
            let name: String = try $0.at(3)
            return try status(name, $0, mailboxes[name] ?? [])
        }
    }

    /// The wave, or with an empty name what is in none; nil where there is no such.
    func wave(named name: String) throws -> WaveStatus? {
        let mailboxes = try MailboxQuery(database: database, index: index).statuses().filter { $0.mailbox.wave == name }
        let row = try Row.fetchOne(
            database, sql: "SELECT closed_at, closed_by, why FROM wave WHERE name = ?", arguments: [name])
        guard row != nil || !mailboxes.isEmpty else { return nil }
        return try status(name, row, mailboxes)
    }

    private func status(_ name: String, _ row: Row?, _ mailboxes: [MailboxStatus]) throws -> WaveStatus {
        var wave = WaveStatus(
            name: name, closedAt: nil, mailboxes: 0, cutOver: 0, scheduled: 0, counts: DeliveryCounts())
        if let row {
            let closedAt: Int64? = try row.at(0)
            let closedBy: String? = try row.at(1)
            let why: String? = try row.at(2)
            wave.closedAt = closedAt.map { Timestamp(milliseconds: $0) }
            wave.closedBy = closedBy ?? ""
            wave.why = why ?? ""
        }
        for mailbox in mailboxes {
            wave.mailboxes += 1
            if let cutoverAt = mailbox.cutoverAt {
                if cutoverAt <= now { wave.cutOver += 1 } else { wave.scheduled += 1 }
            }
            wave.counts += mailbox.counts
        }
        return wave
    }
}
