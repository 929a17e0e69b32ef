import GRDBSQLite

/// The version of the SQLite library in use, and whether it has the WAL-reset bug.
///
/// SQLite 3.7.0 to 3.51.2 may lose committed pages when two connections write and checkpoint at the same instant
/// (https://www.sqlite.org/wal.html#walresetbug; fixed in 3.51.3, 3.50.7 and 3.44.6). The Ledger is safe from it
/// because every write and checkpoint holds one lock, whatever the process; a foreign tool that writes to the file is
/// not.
public struct SQLiteVersion: Hashable, Sendable, CustomStringConvertible {
    /// As SQLite counts: 3.40.1 is 3_040_001.
    public let number: Int

    public init(number: Int) { self.number = number }

    /// The library that this process runs with.
    public static var current: SQLiteVersion { SQLiteVersion(number: Int(sqlite3_libversion_number())) }

    public var hasWALResetBug: Bool {
        switch number {
        case ..<3_007_000, 3_051_003...: false
        case 3_044_006..<3_045_000, 3_050_007..<3_051_000: false
        default: true
        }
    }

    public var description: String { "\(number / 1_000_000).\(number / 1000 % 1000).\(number % 1000)" }
}
