import Ledger
import NIOPosix
import Spool

/// What a one-shot verb works with: the configuration, the Ledger caught up, and who acts.
struct Workspace {
    let configuration: LayoverConfiguration
    let ledger: Ledger

    var layout: SpoolLayout { ledger.layout }

    /// Becomes the spool's owner where root calls, takes notice where the spool was restored, opens the Ledger, and projects what is
    /// new in the spool.
    ///
    /// - Parameter need: what must be there; by default nothing is made where there is no spool.
    static func open(
        _ common: CommonOptions, roles: Set<LayoverRole> = [], needing need: SpoolNeed = .spool
    ) throws -> Workspace {
        let plain = try common.load()
        try SpoolOwner.become(ownerOf: plain.spool.directory, needing: need)
        return try open(roles.isEmpty ? plain : common.load(roles))
    }

    /// As the other, for a caller that is the spool's owner already.
    static func open(_ configuration: LayoverConfiguration) throws -> Workspace {
        try RestoredSpool.notice(configuration, by: SpoolOwner.caller)
        let ledger = try Ledger.open(
            layout: configuration.layout, role: .writer, rules: configuration.addressRules,
            notice: { StandardError.write("layover: \($0)\n") })
        try ledger.catchUp()
        return Workspace(configuration: configuration, ledger: ledger)
    }

    /// A follower runs, and delivers by itself.
    var isFollowed: Bool {
        get throws { try SpoolLock.acquire(layout: layout, name: .follower, wait: false) == nil }
    }

    /// The journal, in the name of the person who calls.
    func journal() throws -> Journal { try Journal(layout: layout, by: SpoolOwner.caller) }

    /// The lock of those who change the roster, with the Ledger caught up under it: what is planned now holds until it is made.
    func changingRoster() throws -> SpoolLock? {
        let lock = try SpoolLock.acquire(layout: layout, name: .roster, wait: true)
        try ledger.catchUp()
        return lock
    }

    /// Journals acts and brings the Ledger up to them.
    func record(_ acts: [JournalAct]) async throws {
        guard !acts.isEmpty else { return }
        let journal = try self.journal()
        try await journal.append(acts)
        journal.close()
        try ledger.catchUp()
    }
}
