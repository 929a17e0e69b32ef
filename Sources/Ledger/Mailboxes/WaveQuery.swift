import GRDB
import MailModel

/// Waves with the mailboxes that are in them now, inside one snapshot.
struct WaveQuery {
    let database: Database
    let index: RecipientIndex

    func waves() throws -> [WaveStatus] {
        let mailboxes = Dictionary(
            grouping: try MailboxQuery(database: database, index: index).statuses(), by: \.mailbox.wave)
        return try Row.fetchAll(database, sql: "SELECT name, closed_at FROM wave ORDER BY name").map { row in
            let name: String = try row.at(0)
            let closed: Int64? = try row.at(1)
            var wave = WaveStatus(
                name: name, closedAt: closed.map { Timestamp(milliseconds: $0) }, mailboxes: 0, cutOver: 0,
                counts: DeliveryCounts())
            for mailbox in mailboxes[name] ?? [] {
                wave.mailboxes += 1
                wave.cutOver += mailbox.cutoverAt == nil ? 0 : 1
                wave.counts += mailbox.counts
            }
            return wave
        }
    }
}
