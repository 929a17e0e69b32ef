import GRDB
import MailModel
import Spool

/// Counts deliveries for a proof, inside one snapshot: from the delivery rows, not from the running tally.
struct ProofQuery {
    let database: Database
    let index: RecipientIndex

    /// All deliveries, whatever their recipients mean.
    func everything() throws -> DeliveryCounts {
        try counts { _, _ in true }
    }

    /// Deliveries of the selected mailboxes; with a domain also those of its recipients that mean no mailbox.
    func counts(of selected: SelectedMailboxes) throws -> DeliveryCounts {
        let strays = try selected.domainSuffix.map(recipients(endingIn:)) ?? []
        return try counts { recipient, decided in
            guard let mailbox = try decided ?? index.mailbox(of: recipient) else { return strays.contains(recipient) }
            return selected.keys.contains(mailbox)
        }
    }

    private func recipients(endingIn suffix: String) throws -> Set<Int64> {
        Set(
            try Int64.fetchAll(
                database, sql: "SELECT id FROM recipient WHERE substr(key, -?) = ?",
                arguments: [suffix.unicodeScalars.count, suffix]))
    }

    private func counts(_ isMeant: (_ recipient: Int64, _ mailbox: Int64?) throws -> Bool) throws -> DeliveryCounts {
        var counts = DeliveryCounts()
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT d.recipient, d.state, p.mailbox, coalesce(p.doubtful, 0), count(*),
                coalesce(p.finding LIKE 'normalised%', 0) FROM delivery d
                LEFT JOIN placement p ON p.delivery = d.id GROUP BY 1, 2, 3, 4, 6
                """)
        while let row = try rows.next() {
            guard let state = try DeliveryState(rawValue: row.at(1)), try isMeant(row.at(0), row.at(2)) else {
                continue
            }
            try counts.add(state, count: row.at(4), isDoubtful: row.at(3))
            if try row.at(5) { counts.normalised += try row.at(4) }
        }
        return counts
    }
}
