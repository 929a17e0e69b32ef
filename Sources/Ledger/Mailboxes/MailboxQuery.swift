import GRDB
import MailModel

/// Mailboxes as the Ledger knows them, inside one snapshot.
struct MailboxQuery {
    let database: Database
    let index: RecipientIndex

    /// The mailboxes of the roster by address, with their counts.
    func statuses() throws -> [MailboxStatus] { try statuses(removed: false) }

    /// Those that have left the roster, likewise.
    func removed() throws -> [MailboxStatus] { try statuses(removed: true) }

    private func statuses(removed: Bool) throws -> [MailboxStatus] {
        let counts = try countsByMailbox().byMailbox
        var open: [Int64: Int] = [:]
        let intents = try Row.fetchCursor(
            database, sql: "SELECT mailbox, count(*) FROM intent WHERE unresolved > 0 GROUP BY mailbox")
        while let row = try intents.next() { open[try row.at(0)] = try row.at(1) }
        var statuses: [MailboxStatus] = []
        let rows = try Row.fetchCursor(
            database, sql: "\(Self.select) WHERE removed = \(removed ? 1 : 0) ORDER BY address")
        while let row = try rows.next() {
            var status = try Self.status(row)
            status.counts = counts[status.key] ?? DeliveryCounts()
            status.openIntents = open[status.key] ?? 0
            statuses.append(status)
        }
        return statuses
    }

    /// The mailboxes of the roster by address.
    func roster() throws -> [RosterMailbox] {
        try Row.fetchAll(database, sql: "\(Self.select) WHERE removed = 0 ORDER BY address").map {
            try Self.status($0).mailbox
        }
    }

    /// A mailbox by its id, also one that was removed.
    func status(id: String) throws -> MailboxStatus? {
        try Row.fetchOne(database, sql: "\(Self.select) WHERE id = ?", arguments: [id]).map(Self.status)
    }

    /// Counts of all deliveries, each with the mailbox decided for it or, while it waits, the one that its recipient
    /// means now.
    func countsByMailbox() throws -> (byMailbox: [Int64: DeliveryCounts], withoutMailbox: DeliveryCounts) {
        var counts: [Int64: DeliveryCounts] = [:]
        var without = DeliveryCounts()
        let rows = try Row.fetchCursor(
            database, sql: "SELECT recipient, mailbox, state, doubtful, count, bytes FROM tally")
        while let row = try rows.next() {
            guard let state = try DeliveryState(rawValue: row.at(2)) else { continue }
            let decided: Int64 = try row.at(1)
            if let mailbox = decided == 0 ? try index.mailbox(of: row.at(0)) : decided {
                try counts[mailbox, default: DeliveryCounts()].add(
                    state, count: row.at(4), bytes: row.at(5), isDoubtful: row.at(3))
            } else {
                try without.add(state, count: row.at(4), bytes: row.at(5), isDoubtful: row.at(3))
            }
        }
        return (counts, without)
    }

    /// The recipients of all deliveries that are, or would be, these mailboxes'.
    func recipients(of mailboxes: Set<Int64>) throws -> [Int64] {
        var found: Set<Int64> = []
        let rows = try Row.fetchCursor(database, sql: "SELECT DISTINCT recipient, mailbox FROM tally")
        while let row = try rows.next() {
            let decided: Int64 = try row.at(1)
            guard let mailbox = decided == 0 ? try index.mailbox(of: row.at(0)) : decided else { continue }
            if mailboxes.contains(mailbox) { found.insert(try row.at(0)) }
        }
        return found.sorted()
    }

    static let select = """
        SELECT key, id, address, login, target, wave, aliases, kind, folder, cutover_at, paused,
        (SELECT changed_at FROM unreconciled u WHERE u.mailbox = mailbox.key), retry_act,
        (SELECT class FROM blocked x WHERE x.mailbox = mailbox.key),
        (SELECT text FROM blocked x WHERE x.mailbox = mailbox.key),
        (SELECT since FROM blocked x WHERE x.mailbox = mailbox.key), assigned FROM mailbox
        """

    static func status(_ row: Row) throws -> MailboxStatus {
        let aliases: String = try row.at(6)
        let assigned: String = try row.at(16)
        let cutover: Int64? = try row.at(9)
        return try MailboxStatus(
            mailbox: RosterMailbox(
                id: row.at(1), address: row.at(2), login: row.at(3), target: row.at(4), wave: row.at(5),
                aliases: aliases.split(separator: " ").map(String.init),
                assigned: assigned.split(separator: " ").map(String.init),
                kind: RosterMailbox.Kind(rawValue: row.at(7)) ?? .user,
                folder: row.at(8)),
            cutoverAt: cutover.map { Timestamp(milliseconds: $0) }, isPaused: row.at(10), counts: DeliveryCounts(),
            openIntents: 0, key: row.at(0), reconcileCause: cause(row.at(11)), block: block(row), lastRetry: row.at(12))
    }

    private static func cause(_ changedAt: Int64?) -> ReconcileCause? {
        changedAt.map { $0 == 0 ? .restore : .olderMail(at: Timestamp(milliseconds: $0)) }
    }

    private static func block(_ row: Row) throws -> MailboxBlock? {
        let errorClass: String? = try row.at(13)
        let text: String? = try row.at(14)
        let since: Int64? = try row.at(15)
        guard let errorClass, let text, let since else { return nil }
        return MailboxBlock(errorClass: errorClass, text: text, since: Timestamp(milliseconds: since))
    }
}
