import GRDB
public import MailModel

/// What the replay engine asks.
extension Ledger {
    /// The next held messages of a mailbox in the order of arrival, each once with all its recipients that mean the
    /// mailbox.
    ///
    /// - Parameter after: the `sequence` of the last message seen; 0 for the beginning. Parked messages and those with
    ///   an open intent are left out.
    public func heldMail(mailboxID: String, after: Int64 = 0, limit: Int) throws -> [HeldMessage] {
        try query { database, index in
            guard let mailbox = try MailboxQuery(database: database, index: index).status(id: mailboxID) else {
                return []
            }
            return try HeldMail(database: database, index: index, mailbox: mailbox.key).next(after: after, limit: limit)
        }
    }

    /// A mailbox of the roster as the Ledger knows it now, without counts: may its mail still go, and where to? Nil when the roster has
    /// it no more. Cheap.
    public func mailboxToReplay(id: String) throws -> MailboxStatus? {
        try query { database, _ in
            try Row.fetchOne(database, sql: "\(MailboxQuery.select) WHERE id = ? AND removed = 0", arguments: [id])
                .map(MailboxQuery.status)
        }
    }

    /// Batches with an intent of which some messages are neither delivered nor taken back, oldest first.
    public func openIntents(mailboxID: String) throws -> [OpenIntent] {
        try doubts(mailboxID) { try $0.openIntents() } ?? []
    }

    /// Copies that the mailbox has but that were not compared yet, in the order of arrival.
    public func unverified(mailboxID: String, after: Int64 = 0, limit: Int) throws -> [UnverifiedCopy] {
        try doubts(mailboxID) { try $0.unverified(after: after, limit: limit) } ?? []
    }

    /// What the mailboxes of a wave (empty: those in none) were given and nobody has compared, by mailbox.
    public func unverified(wave: String) throws -> [UnverifiedMail] {
        try query { database, index in
            try MailboxQuery(database: database, index: index).statuses().compactMap { status in
                guard status.mailbox.wave == wave, status.counts[.delivered] > 0 else { return nil }
                let copies = try DoubtQuery(database: database, mailbox: status).unverified(after: 0, limit: .max)
                guard !copies.isEmpty else { return nil }
                return UnverifiedMail(
                    mailboxID: status.mailbox.id, address: status.mailbox.address,
                    missing: copies.filter(\.isMissing).map(\.id), others: copies.filter { !$0.isMissing }.map(\.id))
            }
        }
    }

    /// Messages that the mailbox refused for good, for `retry`.
    public func parked(mailboxID: String) throws -> [MessageID] {
        try doubts(mailboxID) { try $0.parked() } ?? []
    }

    private func doubts<T>(_ mailboxID: String, _ body: (DoubtQuery) throws -> T) throws -> T? {
        try query { database, index in
            guard let mailbox = try MailboxQuery(database: database, index: index).status(id: mailboxID) else {
                return nil
            }
            return try body(DoubtQuery(database: database, mailbox: mailbox))
        }
    }
}
