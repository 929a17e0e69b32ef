/// What went wrong with the Ledger. Like an enum, but extensible: switch over `code`, show `description`.
public struct LedgerError: Error, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable {
        private enum Base: Hashable {
            case newerSchema, olderSchema, corrupt, missing, unsafe, io, sql, readOnly, selection, roster, limit,
                restored, missingMail
        }
        private let base: Base

        /// The file was made by a newer Layover. Nothing was touched.
        public static let newerSchema = Code(base: .newerSchema)
        /// The file was made by an older Layover; it is built again from the spool.
        public static let olderSchema = Code(base: .olderSchema)
        /// The file is damaged, or no Ledger at all.
        public static let corrupt = Code(base: .corrupt)
        /// There is no file, and this role may not build one.
        public static let missing = Code(base: .missing)
        /// SQLite did not take a setting that durability rests on.
        public static let unsafe = Code(base: .unsafe)
        /// Any other failure of SQLite or the disk.
        public static let io = Code(base: .io)
        /// SQLite did not understand a statement: the tables are not those of a Ledger.
        public static let sql = Code(base: .sql)
        /// Something that writes was asked of a Ledger opened as a reader.
        public static let readOnly = Code(base: .readOnly)
        /// A name in a selection or filter means nothing here: exit 65.
        public static let selection = Code(base: .selection)
        /// The roster file cannot be taken as it is: exit 65.
        public static let roster = Code(base: .roster)
        /// More than the Ledger's layout has room for.
        public static let limit = Code(base: .limit)
        /// The spool is not the one that the Ledger was made from: it was restored from a backup, or cut.
        public static let restored = Code(base: .restored)
        /// The Ledger knows mail that the spool has lost, and was not to forget it: exit 65.
        public static let missingMail = Code(base: .missingMail)
    }

    public var code: Code
    /// One line for a person: what, where, what to do.
    public var message: String

    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The mistake lies in what was asked, given or kept (`EX_DATAERR`, 65), not in the machine.
    public var isBadData: Bool { code == .selection || code == .roster || code == .missingMail }

    /// The installation does not fit the Ledger (`EX_CONFIG`, 78): starting again would not help.
    public var isWrongVersion: Bool { code == .newerSchema }

    public var description: String { message }
}
