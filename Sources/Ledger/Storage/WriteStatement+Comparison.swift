import GRDBSQLite
import MailModel

#if canImport(Glibc)
import Glibc
#endif

/// Rows of two connections side by side.
extension WriteStatement {
    var columnCount: Int32 { sqlite3_column_count(handle) }

    func name(_ column: Int32) -> String { sqlite3_column_name(handle, column).map { String(cString: $0) } ?? "" }

    /// A message's id; nil where the column is no blob of 16 octets.
    func messageID(_ column: Int32) -> MessageID? {
        guard sqlite3_column_type(handle, column) == SQLITE_BLOB else { return nil }
        let bytes = blob(column)
        guard bytes.count == 16 else { return nil }
        let number = { (octets: ArraySlice<UInt8>) in octets.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        return MessageID(high: number(bytes[..<8]), low: number(bytes[8...]))
    }

    /// Whether both rows have the same value of the same type there.
    func isSame(_ other: WriteStatement, column: Int32) -> Bool { compare(other, column: column) == 0 }

    /// As SQLite orders the first `columns` columns: negative where this row comes first.
    func compare(_ other: WriteStatement, columns: Int) -> Int {
        for column in 0..<Int32(columns) {
            let order = compare(other, column: column)
            if order != 0 { return order }
        }
        return 0
    }

    private func compare(_ other: WriteStatement, column: Int32) -> Int {
        let (type, otherType) = (sqlite3_column_type(handle, column), sqlite3_column_type(other.handle, column))
        guard type == otherType else { return Self.rank(type) < Self.rank(otherType) ? -1 : 1 }
        switch type {
        case SQLITE_NULL: return 0
        case SQLITE_INTEGER:
            let (value, otherValue) = (int(column), other.int(column))
            return value == otherValue ? 0 : value < otherValue ? -1 : 1
        default: return compareBytes(other, column)
        }
    }

    private func compareBytes(_ other: WriteStatement, _ column: Int32) -> Int {
        let (bytes, otherBytes) = (sqlite3_column_blob(handle, column), sqlite3_column_blob(other.handle, column))
        let count = Int(sqlite3_column_bytes(handle, column))
        let otherCount = Int(sqlite3_column_bytes(other.handle, column))
        if let bytes, let otherBytes {
            let order = memcmp(bytes, otherBytes, min(count, otherCount))
            if order != 0 { return Int(order) }
        }
        return count - otherCount
    }

    /// NULL before numbers before text before blobs, as SQLite sorts.
    private static func rank(_ type: Int32) -> Int {
        switch type {
        case SQLITE_NULL: 0
        case SQLITE_INTEGER, SQLITE_FLOAT: 1
        case SQLITE_TEXT: 2
        default: 3
        }
    }
}
