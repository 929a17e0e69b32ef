import Ledger
import NIOPosix
import Spool

#if canImport(Glibc)
import Glibc
#endif

/// What a one-shot verb works with: the configuration, the Ledger caught up, and who acts.
struct Workspace {
    let configuration: LayoverConfiguration
    let ledger: Ledger

    var layout: SpoolLayout { ledger.layout }

    /// Becomes the spool's owner where root calls, takes notice where the spool was restored, opens the Ledger, and projects what is
    /// new in the spool.
    static func open(_ common: CommonOptions, roles: Set<LayoverRole> = []) throws -> Workspace {
        let plain = try common.load()
        try SpoolOwner.become(ownerOf: plain.spool.directory)
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

    /// Journals acts and brings the Ledger up to them.
    func record(_ acts: [JournalAct]) async throws {
        guard !acts.isEmpty else { return }
        let journal = try self.journal()
        try await journal.append(acts)
        journal.close()
        try ledger.catchUp()
    }
}

/// The user that owns a spool. Commands act as that user, so that no file of another's is left in it.
enum SpoolOwner {
    /// Who called, for the journal: also after a change of user.
    nonisolated(unsafe) private(set) static var caller = loginName()  // Safe because it is set once, before any thread starts.

    /// When root calls and the directory belongs to somebody else, becomes that user.
    static func become(ownerOf directory: String) throws {
        _ = caller
        var info = stat()
        guard geteuid() == 0, stat(directory, &info) == 0, info.st_uid != 0 else { return }
        guard setgroups(0, nil) == 0, setgid(info.st_gid) == 0, setuid(info.st_uid) == 0 else {
            throw CommandError(
                .internalError,
                "cannot become the owner of \(directory) (user \(info.st_uid)): \(String(cString: strerror(errno)))")
        }
    }

    private static func loginName() -> String {
        if let sudo = getenv("SUDO_USER") { return String(cString: sudo) }
        guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else { return "user \(getuid())" }
        return String(cString: name)
    }
}
