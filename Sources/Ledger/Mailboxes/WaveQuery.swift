import GRDB
import MailModel

/// Waves with the mailboxes that are in them now, inside one snapshot.
struct WaveQuery {
    let database: Database
    let index: RecipientIndex

    /// Those with a name, by name.
    func waves() throws -> [WaveStatus] {
        let mailboxes = Dictionary(
            grouping: try MailboxQuery(database: database, index: index).statuses(), by: \.mailbox.wave)
        return try Row.fetchAll(database, sql: "SELECT name, closed_at FROM wave WHERE name <> '' ORDER BY name").map {
            let name: String = try $0.at(0)
            return Self.status(name, closedAt: try $0.at(1), mailboxes[name] ?? [])
        }
    }

    /// The wave, or with an empty name what is in none; nil where there is no such.
    func wave(named name: String) throws -> WaveStatus? {
        let mailboxes = try MailboxQuery(database: database, index: index).statuses().filter { $0.mailbox.wave == name }
        let row = try Row.fetchOne(database, sql: "SELECT closed_at FROM wave WHERE name = ?", arguments: [name])
        guard row != nil || !mailboxes.isEmpty else { return nil }
        return Self.status(name, closedAt: try row?.at(0), mailboxes)
    }

    private static func status(_ name: String, closedAt: Int64?, _ mailboxes: [MailboxStatus]) -> WaveStatus {
        var wave = WaveStatus(
            name: name, closedAt: closedAt.map { Timestamp(milliseconds: $0) }, mailboxes: 0, cutOver: 0,
            counts: DeliveryCounts())
        for mailbox in mailboxes {
            wave.mailboxes += 1
            wave.cutOver += mailbox.cutoverAt == nil ? 0 : 1
            wave.counts += mailbox.counts
        }
        return wave
    }
}
