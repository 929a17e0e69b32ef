import GRDBSQLite

#if canImport(Glibc)
import Glibc
#endif

/// What stands in the Ledger's place, found out without touching a byte of it or of the files beside it.
enum LedgerInspection: Equatable {
    /// Nothing, or an empty file.
    case missing
    /// A Ledger of this version, by its first page.
    case ours
    /// A Ledger of an older version: to be built again.
    case older(version: Int64)
    /// A Ledger of a newer version: not ours to touch.
    case newer(version: Int64)
    /// No Ledger, or one whose first page is damaged; in words.
    case damaged(String)

    /// Looks at the file at `path`.
    ///
    /// Opened as immutable, SQLite takes no lock and makes no `-shm`; only the first page is read. It says what the file is even
    /// where its last commits are still in the WAL, since a Ledger gets its name when its first page is whole.
    static func of(_ path: String) throws -> LedgerInspection {
        var status = stat()
        guard stat(path, &status) == 0 else { return .missing }
        guard status.st_mode & S_IFMT == S_IFREG else { return .damaged("it is not a file") }
        guard status.st_size > 0 else { return .missing }
        var connection: OpaquePointer?
        let code = sqlite3_open_v2(
            uri(of: path), &connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nil)
        defer { sqlite3_close(connection) }
        guard code == SQLITE_OK, let connection else { return try unreadable(connection, code, path) }
        do {
            let application = try number("PRAGMA application_id", connection)
            let version = try number("PRAGMA user_version", connection)
            guard application == Int64(LedgerSchema.applicationID) else { return .damaged("it is not a Ledger") }
            return of(version: version)
        } catch {
            return try unreadable(connection, sqlite3_errcode(connection), path)
        }
    }

    /// What a Ledger of this version is to us.
    static func of(version: Int64) -> LedgerInspection {
        let known = Int64(LedgerSchema.version)
        return version == known ? .ours : version < known ? .older(version: version) : .newer(version: version)
    }

    private static func unreadable(_ connection: OpaquePointer?, _ code: Int32, _ path: String) throws -> Self {
        let words = sqlite3_errmsg(connection).map { String(cString: $0) } ?? "error \(code)"
        switch code & 0xff {
        // Killed in the middle of a checkpoint, a file may be shorter than its first page says; its WAL makes it whole.
        case SQLITE_CORRUPT where try FileIdentity.size(of: path + "-wal") > 0: return .ours
        case SQLITE_NOTADB, SQLITE_CORRUPT: return .damaged(words)
        default:
            throw LedgerError(
                code: .io,
                message:
                    "\(path) cannot be read: \(words). Check its rights, those of its directory, and the limit of open files, and try again; `layover reindex` builds it from the spool."
            )
        }
    }

    private static func number(_ sql: String, _ connection: OpaquePointer) throws -> Int64 {
        let statement = try WriteStatement(sql, on: connection)
        defer { statement.reset() }
        return try statement.step() ? statement.int(0) : 0
    }

    /// https://www.sqlite.org/uri.html: what would end the path is written as `%XX`.
    private static func uri(of path: String) -> String {
        var text = path.hasPrefix("/") ? "file://" : "file:"
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "%"): text += "%25"
            case UInt8(ascii: "?"): text += "%3f"
            case UInt8(ascii: "#"): text += "%23"
            case 0x80...:
                text += "%" + String(byte, radix: 16)
            default: text.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return text + "?immutable=1"
    }
}

extension LedgerInspection {
    /// Why this version does not open such a file, and what to do; nil where it does.
    func refusal(path: String) -> LedgerError? {
        switch self {
        case .missing, .ours: nil
        case .older(let version):
            LedgerError(
                code: .olderSchema,
                message:
                    "\(path) was made by an older Layover (schema \(version)); any command that writes builds it again, and so does `layover reindex`."
            )
        case .newer(let version):
            LedgerError(
                code: .newerSchema,
                message: """
                    \(path) was made by a newer Layover (schema \(version), this one knows \(LedgerSchema.version)); nothing was touched. \
                    Install that version again, or run `layover reindex` to build it from the spool with this one.
                    """)
        case .damaged(let words):
            LedgerError(
                code: .corrupt,
                message:
                    "\(path) is damaged (\(words)). No mail is lost: run `layover reindex` to build it again from the spool."
            )
        }
    }
}
