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

    /// Batches with an intent of which some messages are neither delivered nor taken back, oldest first.
    public func openIntents(mailboxID: String) throws -> [OpenIntent] {
        try doubts(mailboxID) { try $0.openIntents() } ?? []
    }

    /// Copies that the mailbox has but that were not compared yet, in the order of arrival.
    public func unverified(mailboxID: String, after: Int64 = 0, limit: Int) throws -> [UnverifiedCopy] {
        try doubts(mailboxID) { try $0.unverified(after: after, limit: limit) } ?? []
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
