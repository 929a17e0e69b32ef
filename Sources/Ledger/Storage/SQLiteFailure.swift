import GRDB
import GRDBSQLite

/// Turns what SQLite and GRDB report into errors that name their remedy.
enum SQLiteFailure {
    /// The error that the connection has just met.
    static func error(of connection: OpaquePointer?, code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code), message: sqlite3_errmsg(connection).map { String(cString: $0) })
    }

    /// Runs `body`, with every SQLite error turned into a `LedgerError` about the file at `path`.
    static func translated<T>(path: String, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw ledgerError(error, path: path)
        } catch is RowDecodingError {
            throw LedgerError(
                code: .corrupt,
                message:
                    "\(path) is damaged (it has values that no Ledger has). No mail is lost: run `layover fsck`, which names and repairs it."
            )
        }
    }

    private static func ledgerError(_ error: DatabaseError, path: String) -> LedgerError {
        let text = error.message ?? "error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return LedgerError(
                code: .corrupt,
                message:
                    "\(path) is damaged (\(text)). No mail is lost: run `layover reindex` to build it again from the spool."
            )
        case .SQLITE_CANTOPEN:
            return LedgerError(
                code: .missing,
                message:
                    "\(path) cannot be opened (\(text)). Check its directory's rights; `layover reindex` builds it from the spool."
            )
        case .SQLITE_ERROR: return LedgerError(code: .sql, message: "\(path): \(text)")
        case .SQLITE_READONLY:
            return LedgerError(
                code: .readOnly,
                message:
                    "\(path) cannot be written (\(text)). Check its owner and rights, and those of its directory; `layover reindex` builds it from the spool."
            )
        case .SQLITE_FULL:
            return LedgerError(
                code: .io,
                message: "\(path): \(text). Free space on the spool's disk; no mail is lost, but replay waits."
            )
        case .SQLITE_IOERR:
            return LedgerError(
                code: .io,
                message:
                    "\(path): \(text). Look at `dmesg`, and mend or replace the disk; the index is derived, `layover reindex` builds it from the spool."
            )
        default:
            return LedgerError(code: .io, message: "\(path): \(text)")
        }
    }
}
