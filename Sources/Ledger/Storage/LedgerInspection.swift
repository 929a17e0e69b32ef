import GRDB

/// Looks at a file before anything is written to it: whose is it, and of which version?
struct LedgerInspection {
    /// There is no file, or it holds no tables yet.
    let isEmpty: Bool

    /// Throws `.newerSchema`, `.olderSchema` or `.corrupt` when the file is not for this version to write.
    ///
    /// - Parameter undoes: rolls back what a killed process has left half done (a `-journal` beside the file), which nobody
    ///   can read past. The caller holds the writer's lock. Else nothing is touched.
    init(path: String, undoes: Bool = false) throws {
        guard try FileIdentity.size(of: path) > 0 else {
            isEmpty = true
            return
        }
        var configuration = Configuration()
        configuration.label = "ledger.inspection"
        configuration.readonly = try !undoes || FileIdentity(path: path + "-journal") == nil
        configuration.busyMode = .timeout(LedgerLimits.busyTimeoutSeconds)
        isEmpty = try SQLiteFailure.translated(path: path) {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.read { try Self.inspect($0, path: path) }
        }
    }

    private static func inspect(_ database: Database, path: String) throws -> Bool {
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        let application = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if tables == 0 && version == 0 { return true }
        guard application == LedgerSchema.applicationID else {
            throw LedgerError(
                code: .corrupt,
                message:
                    "\(path) is not a Ledger. Move it away, then run `layover reindex` to build one from the spool.")
        }
        if version > LedgerSchema.version {
            throw LedgerError(
                code: .newerSchema,
                message: """
                    \(path) was made by a newer Layover (schema \(version), this one knows \(LedgerSchema.version)). Install that version again, \
                    or run `layover reindex` to build it from the spool with this one.
                    """)
        }
        if version < LedgerSchema.version {
            throw LedgerError(
                code: .olderSchema,
                message:
                    "\(path) was made by an older Layover (schema \(version)); run `layover reindex` to build it again from the spool."
            )
        }
        return false
    }
}
