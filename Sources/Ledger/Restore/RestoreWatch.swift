public import MailModel
public import Spool

/// Notices that a spool was restored from a backup, copied or cut short, and journals it.
///
/// A journal that is older than the mailboxes does not know what was delivered since: to deliver by it would make second copies.
/// So the act `restored` marks every mailbox, and nothing goes into one before it was looked into (`replay --reconcile`).
public struct RestoreWatch: Sendable {
    private let layout: SpoolLayout
    private let rules: AddressRules
    private let journal: Journal
    private let place: SpoolPlace

    /// - Parameter journal: of the spool; it acts in the name of whoever opened it.
    public init(journal: Journal, rules: AddressRules = AddressRules()) {
        self.journal = journal
        self.rules = rules
        layout = journal.layout
        place = SpoolPlace(layout: journal.layout)
    }

    /// Looks; returns nil where the spool is the one that it was. Call it before the Ledger is opened for writing.
    ///
    /// When this returns a notice, the act is in the journal and the Ledger knows it: built anew from the spool, with the old file
    /// kept beside it as `ledger.sqlite.before-restore`. Costs some system calls where nothing is found. Throws, and touches nothing,
    /// where a newer Layover made the Ledger.
    @discardableResult
    public func look() throws -> RestoreNotice? {
        guard try !reasons().isEmpty else { return nil }
        guard let lock = try SpoolLock.acquire(layout: layout, name: .place, wait: true) else { return nil }
        defer { lock.release() }
        // Another process may have been first.
        let reasons = try reasons()
        guard !reasons.isEmpty else { return nil }
        let notice = RestoreNotice(reasons: reasons, lost: try lost() ?? "")
        // The act first, then the index, then the file that says the spool stands here: after a crash in between, what is left
        // tells the same again.
        try journal.appendBlocking([.restored(what: notice.lost, why: reasons.joined(separator: "; "))])
        try rebuild()
        try place.renew()
        return notice
    }

    private func reasons() throws -> [String] {
        try place.findings() + [contradiction()].compactMap(\.self)
    }

    /// Nil also where there is no Ledger, or none that can be asked: it is built from the spool then.
    private func contradiction() throws -> String? {
        try asked { try $0.contradiction(of: $1) }
    }

    /// What the index knows and the spool does not, in words. As a hint: it is never believed.
    private func lost() throws -> String? {
        try asked { ledger, source in
            guard let known = try ledger.read({ try LedgerProgress.load($0) }) else { return nil }
            let missing = known.act - (try lastAct(source))
            return missing > 0 ? "the index knew \(missing) acts more than the journal has" : nil
        }
    }

    private func asked<Answer>(_ body: (LedgerDatabase, SpoolSource) throws -> Answer?) throws -> Answer? {
        guard try FileIdentity(path: layout.ledger) != nil else { return nil }
        do {
            let ledger = try LedgerDatabase(layout: layout, role: .reader) { _ in }
            defer { ledger.close() }
            return try body(ledger, SpoolSource(journal: journal))
        } catch let error as LedgerError where error.code != .newerSchema {
            return nil
        }
    }

    /// The number of the journal's last act.
    private func lastAct(_ source: SpoolSource) throws -> Int64 {
        var last: Int64 = 0
        var position = JournalPosition.start
        let end = try source.journalEnd()
        while position < end {
            let page = try source.acts(from: position, end: end, limit: LedgerLimits.actsPerTransaction)
            last = page.entries.last.map { Int64(clamping: $0.sequence) } ?? last
            guard page.next != position else { break }
            position = page.next
        }
        return last
    }

    private func rebuild() throws {
        if try FileIdentity(path: layout.ledger) != nil {
            try Ledger.rebuild(
                layout: layout, rules: rules, source: SpoolSource(journal: journal), keepingOld: true
            ) { _ in }
        }
        let ledger = try Ledger.open(layout: layout, role: .writer, rules: rules)
        defer { ledger.close() }
        try ledger.catchUp()
        // A backup need not have the receiver's list. One that is there may know more than the restored journal.
        if try FileIdentity(path: layout.rosterSnapshot) == nil, try !ledger.roster().isEmpty {
            try ledger.writeRosterSnapshot()
        }
    }
}
