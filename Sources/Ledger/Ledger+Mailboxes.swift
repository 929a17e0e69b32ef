public import MailModel

/// Mailboxes, waves and the state of everything.
extension Ledger {
    /// The mailboxes of a selection by address, with their counts. Throws `.selection` for a name that means nothing.
    public func mailboxes(_ selection: MailboxSelection = .all) throws -> [MailboxStatus] {
        try query { try MailboxQuery(database: $0, index: $1).select(selection) }
    }

    /// The mailboxes that have left the roster, by address, with their counts.
    public func removedMailboxes() throws -> [MailboxStatus] {
        try query { try MailboxQuery(database: $0, index: $1).removed() }
    }

    /// The mailbox with this address (any of its own) or id. Throws `.selection` when there is none.
    public func mailbox(named name: String) throws -> MailboxStatus {
        try query { database, index in
            let query = MailboxQuery(database: database, index: index)
            return try query.find(name, among: query.statuses())
        }
    }

    /// The mailbox that mail for an address would go to now, by alias domain, tag and catch-all; nil for none.
    public func mailbox(for address: MailAddress) throws -> MailboxStatus? {
        try query { database, index in
            let resolver = RecipientResolver(rules: rules, lookUp: index.mailbox(named:))
            guard let key = try resolver.mailbox(for: address.key) else { return nil }
            return try MailboxQuery(database: database, index: index).statuses().first { $0.key == key }
        }
    }

    /// The mailboxes that mail for these addresses would go to now.
    public func mailboxes(for addresses: Set<MailAddress>) throws -> [MailboxStatus] {
        try query { database, index in
            let resolver = RecipientResolver(rules: rules, lookUp: index.mailbox(named:))
            let keys = Set(try addresses.compactMap { try resolver.mailbox(for: $0.key) })
            return try MailboxQuery(database: database, index: index).statuses().filter { keys.contains($0.key) }
        }
    }

    /// The roster by address.
    public func roster() throws -> [RosterMailbox] {
        try query { try MailboxQuery(database: $0, index: $1).roster() }
    }

    /// Plans the import of a roster file against the roster as it is, and refuses to take a mailbox from its held mail.
    public func planImport(_ file: RosterFile, mode: RosterImport.Mode) throws -> RosterImport {
        let statuses = try mailboxes()
        let waiting = Dictionary(
            statuses.map { ($0.mailbox.id, $0.counts.held + $0.counts.failed + $0.openIntents) }
        ) { first, _ in first }
        return try RosterImport.plan(file, current: statuses.map(\.mailbox), mode: mode) { waiting[$0] ?? 0 }
    }

    /// The cut-over mailboxes that an import takes addresses from, or moves: nobody may be in the middle of delivering to them, or what is
    /// on its way there would go to its new place as well.
    public func mailboxesLosing(by plan: RosterImport) throws -> [MailboxStatus] {
        try query { database, index in
            let statuses = try MailboxQuery(database: database, index: index).statuses()
            let transfer = RosterTransfer(plan, statuses)
            let change = MappingChange(database: database, index: index, rules: rules, owners: transfer.owners)
            let losing = try change.effect().losing.union(transfer.moved)
            return statuses.filter { losing.contains($0.key) && $0.cutoverAt != nil }
        }
    }

    /// Writes the receiver's file from the roster as the Ledger has it now.
    public func writeRosterSnapshot() throws {
        try RosterSnapshot.write(roster(), domainAliases: rules.domainAliases, layout: layout)
    }

    /// Mailboxes of which replay has something to do at `now`.
    public func dueMailboxes(_ selection: MailboxSelection = .all, now: Timestamp) throws -> [MailboxStatus] {
        try mailboxes(selection).filter { $0.isDue(now: now) }
    }

    /// The next moment after `now` at which a scheduled cutover begins; nil when there is none.
    public func nextCutover(after now: Timestamp) throws -> Timestamp? {
        try mailboxes().compactMap(\.cutoverAt).filter { $0 > now }.min()
    }

    /// The waves by name, as they are at `now`.
    public func waves(now: Timestamp) throws -> [WaveStatus] {
        try query { try WaveQuery(database: $0, index: $1, now: now).waves() }
    }

    /// The waves by name, and behind them what is in none, where there is such.
    public func wavesAndRest(now: Timestamp) throws -> [WaveStatus] {
        try query { database, index in
            let query = WaveQuery(database: database, index: index, now: now)
            return try query.waves() + [query.wave(named: "")].compactMap(\.self)
        }
    }

    /// A wave; with an empty name the mailboxes that are in none. Nil where there is no such.
    public func wave(named name: String, now: Timestamp) throws -> WaveStatus? {
        try query { try WaveQuery(database: $0, index: $1, now: now).wave(named: name) }
    }

    /// Everything in numbers.
    public func status(now: Timestamp) throws -> LedgerStatus {
        try query { try StatusQuery(database: $0, index: $1).status(now: now) }
    }

    /// What was done with a mailbox, or with a message, oldest first.
    public func history(mailboxID: String) throws -> [ActRecord] {
        try query { database, _ in try ActHistory(database: database).acts(mailboxID: mailboxID) }
    }

    /// What was done with a message, oldest first.
    public func history(message: MessageID) throws -> [ActRecord] {
        try query { database, _ in try ActHistory(database: database).acts(message: message) }
    }
}
