import Spool

#if canImport(Glibc)
import Glibc
#endif

/// The name `ledger.sqlite` and the files beside it: what is put there and what is taken away.
///
/// Every call but `inspect` is made with the writer's lock held.
struct LedgerPlace {
    private static let companions = ["", "-wal", "-shm", "-journal"]

    let path: String

    init(layout: SpoolLayout) { path = layout.ledger }

    /// Where a new file is built.
    var replacement: String { path + ".rebuild" }
    /// Where a damaged file is kept, for whoever wants to know what befell it.
    var damaged: String { path + ".damaged" }
    /// Where one of an older version is kept that knows of mail which the spool has lost.
    var older: String { path + ".older" }

    func inspect() throws -> LedgerInspection { try LedgerInspection.of(path) }

    /// Makes a new file with `build` under another name. Whatever a crash has left there before goes.
    func makeReplacement(_ build: (LedgerWriter) throws -> Void) throws {
        discardReplacement()
        try SQLiteFailure.translated(path: replacement) {
            let connection = try LedgerWriter(path: replacement, durability: .none)
            defer { connection.close() }
            try connection.createTables()
            try build(connection)
            try connection.prepareForWAL()
        }
    }

    func discardReplacement() { Self.remove(replacement) }

    /// Puts the replacement in place.
    func putReplacementInPlace() throws {
        // L1. Sync the new file: it was built without syncs, and from here on its name will be believed.
        try DurableFile.sync(replacement)
        // L2. The old file goes before its WAL. Were the WAL gone first, a crash would leave a file without its last
        //     commits; were the new file in place first, SQLite would replay the old file's WAL into it.
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG { try setAside() }
        for companion in Self.companions { try DurableFile.remove(path + companion) }
        // L3. The name, and then the directory that holds it.
        try DurableFile.rename(replacement, to: path)
    }

    /// Puts a Ledger of an empty spool in place: one whose first page says from the first moment what it is.
    func putEmptyInPlace() throws {
        try makeReplacement { try $0.createIndexes() }
        try putReplacementInPlace()
    }

    /// Keeps what is in place, with its WAL, as the damaged file; one that was kept before goes.
    func setAside() throws { try setAside(as: damaged, since: "is damaged") }

    /// As the other, what an older version has made and the spool alone cannot tell again.
    func setOlderAside() throws { try setAside(as: older, since: "knows of missing mail") }

    private func setAside(as kept: String, since reason: String) throws {
        Self.remove(kept)
        for companion in Self.companions { rename(path + companion, kept + companion) }
        guard try FileIdentity(path: path) == nil else {
            throw LedgerError(
                code: .io, message: "\(path) \(reason) and cannot be moved away: \(String(cString: strerror(errno)))")
        }
    }

    /// Under a name of its own each time: an older one may be the last that knows of lost mail. At best effort.
    func keepBeforeRestore() {
        let kept = keptBeforeRestore().free
        for companion in ["", "-wal"] { rename(path + companion, kept + companion) }
    }

    /// Takes away what was kept before restores.
    func discardKeptBeforeRestore() {
        for kept in keptBeforeRestore().there { Self.remove(kept) }
    }

    /// `.before-restore`, `.before-restore.2` and so on: those that are there, and the first free name.
    func keptBeforeRestore() -> (there: [String], free: String) {
        var there: [String] = []
        while true {
            let name = path + ".before-restore" + (there.isEmpty ? "" : ".\(there.count + 1)")
            guard access(name, F_OK) == 0 else { return (there, name) }
            there.append(name)
        }
    }

    private static func remove(_ file: String) {
        for companion in companions { unlink(file + companion) }
        // A directory that stood in the file's place once, if nothing is in it.
        rmdir(file)
    }
}
