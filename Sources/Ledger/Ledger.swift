import GRDB
public import MailModel
public import Spool

/// The SQLite index of the spool: which messages there are, for whom, and what became of each.
///
/// Derived from the spool and nothing else: `catchUp` reads what is new, `reindex` reads everything. All calls block;
/// make them off the event loops. Any number of threads may call at once.
public final class Ledger: Sendable {
    public let layout: SpoolLayout
    public let rules: AddressRules
    let database: LedgerDatabase
    let source: any LedgerSource
    let messagesWorthBuilding: Int
    let notice: @Sendable (LedgerNotice) -> Void
    private let recipients = KeptRecipients()

    /// Opens the Ledger of a spool.
    ///
    /// A writer makes the file when it is missing, damaged (then it is kept beside) or of an older version; nothing is lost by it.
    /// It does not project: call `catchUp`.
    ///
    /// - Parameters:
    ///   - rules: how recipients are read.
    ///   - notice: told what was found and done, also later; log it.
    /// - Throws: `LedgerError`: `.newerSchema` for any role, `.olderSchema`, `.corrupt` and `.missing` for a reader; each names its
    ///   remedy.
    public static func open(
        layout: SpoolLayout, role: LedgerRole, rules: AddressRules = AddressRules(),
        notice: @escaping @Sendable (LedgerNotice) -> Void = { _ in }
    ) throws -> Ledger {
        let source: any LedgerSource = role == .writer ? try SpoolSource(layout: layout) : SegmentSource(layout: layout)
        return try open(layout: layout, role: role, rules: rules, source: source, notice: notice)
    }

    static func open(
        layout: SpoolLayout, role: LedgerRole, rules: AddressRules, source: any LedgerSource,
        messagesWorthBuilding: Int = LedgerLimits.messagesWorthBuilding,
        notice: @escaping @Sendable (LedgerNotice) -> Void = { _ in }
    ) throws -> Ledger {
        try Ledger(
            layout: layout, role: role, rules: rules, source: source,
            messagesWorthBuilding: messagesWorthBuilding, notice: notice)
    }

    private init(
        layout: SpoolLayout, role: LedgerRole, rules: AddressRules, source: any LedgerSource,
        messagesWorthBuilding: Int, notice: @escaping @Sendable (LedgerNotice) -> Void
    ) throws {
        self.layout = layout
        self.source = source
        self.messagesWorthBuilding = messagesWorthBuilding
        self.notice = notice
        self.rules = rules
        database = try LedgerDatabase(layout: layout, role: role, notice: notice)
    }

    /// Builds a new Ledger from the whole spool and puts it in the place of the old one, whatever state that is in.
    ///
    /// The writer's lock is held meanwhile: mail is taken, but replay waits.
    ///
    /// - Parameter forgettingMissingMail: also where the old one knows mail that the spool has lost, and alone remembers it.
    /// - Returns: how many such messages were forgotten.
    /// - Throws: `LedgerError.missingMail` where there are any; the old one stays.
    @discardableResult
    public static func reindex(
        layout: SpoolLayout, rules: AddressRules = AddressRules(), forgettingMissingMail: Bool = false,
        each: (LedgerProgress) -> Void = { _ in }
    ) throws -> Int {
        let source = try SpoolSource(layout: layout)
        return try reindex(
            layout: layout, rules: rules, source: source, forgettingMissingMail: forgettingMissingMail, each: each)
    }

    static func reindex(
        layout: SpoolLayout, rules: AddressRules, source: any LedgerSource, forgettingMissingMail: Bool = false,
        each: (LedgerProgress) -> Void = { _ in }
    ) throws -> Int {
        var forgotten = 0
        try LedgerDatabase.rebuild(layout: layout) { writer in
            _ = try BulkProjection(writer: writer, source: source, rules: rules).run(each: each)
            let missing = try MissingMail.look(layout: layout, built: writer)
            if let missing, !forgettingMissingMail { throw missing.refusal }
            forgotten = missing?.count ?? 0
        }
        return forgotten
    }

    static func rebuild(
        layout: SpoolLayout, rules: AddressRules, source: any LedgerSource, keepingOld: Bool = false,
        each: (LedgerProgress) -> Void
    ) throws {
        try LedgerDatabase.rebuild(layout: layout, keepingOld: keepingOld) { writer in
            _ = try BulkProjection(writer: writer, source: source, rules: rules)
                .run(each: each)
        }
    }

    /// Ends all connections. What is projected is on stable storage already.
    public func close() { database.close() }

    /// The SQLite library, to be logged at the start.
    public static var sqliteVersion: SQLiteVersion { .current }

    /// What `PRAGMA synchronous` says on the writer's connection: at least 2, or opening has failed.
    public func synchronousLevel() throws -> Int { try database.synchronousLevel() }

    /// How far the Ledger has read.
    public func progress() throws -> LedgerProgress {
        try database.read { try LedgerProgress.load($0) }
            ?? {
                throw LedgerError(
                    code: .corrupt, message: "\(layout.ledger) does not say how far it has read; run `layover reindex`")
            }()
    }

    /// Runs `body` in one snapshot, with recipients resolved by the roster of that snapshot.
    func query<T>(_ body: (Database, RecipientIndex) throws -> T) throws -> T {
        try database.read { database in
            try body(database, RecipientIndex(database, rules: rules, kept: recipients))
        }
    }
}
