/// The names of everything in a spool directory.
public struct SpoolLayout: Hashable, Sendable {
    public let directory: String

    public init(directory: String) {
        self.directory = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    }

    /// The directory that the spool directory is in.
    public var parent: String {
        guard let slash = directory.lastIndex(of: "/") else { return "." }
        return slash == directory.startIndex ? "/" : String(directory[..<slash])
    }

    public var segments: String { directory + "/segments" }
    public var large: String { directory + "/large" }
    public var journal: String { directory + "/journal" }
    public var locks: String { directory + "/locks" }
    public var torn: String { directory + "/torn" }
    /// The derived SQLite index.
    public var ledger: String { directory + "/ledger.sqlite" }
    /// The addresses that the receiver knows; renamed into place whenever the roster changes.
    public var rosterSnapshot: String { directory + "/roster.snapshot" }
    /// Attempts to reach unknown recipients that the receiver refused, counted for `roster coverage`.
    public var refusedRecipients: String { directory + "/refused.recipients" }
    /// What the replay says of targets in trouble, for `status`.
    public var replayConnections: String { directory + "/replay.connections" }
    /// Room that a person can give back when the disk is full.
    public var reserve: String { directory + "/reserve" }
    /// How far the active segment is synced, for readers.
    public var committed: String { segments + "/committed" }

    public func segment(_ number: Int) -> String { "\(segments)/\(Self.name(number)).seg" }
    /// A segment's replacement while it is written; no reader takes it for a segment.
    func segmentReplacement(_ number: Int) -> String { segment(number) + Self.replacementSuffix }
    static let replacementSuffix = ".new"
    public func journalFile(_ number: Int) -> String { "\(journal)/\(Self.name(number)).jnl" }

    /// A number as eight digits, so that names sort as numbers do.
    static func name(_ number: Int) -> String { FixedWidth.text(number, width: 8) }

    /// The number in a name such as `00000012.seg`; nil for any other name.
    static func number(in name: String, suffix: String) -> Int? {
        guard name.hasSuffix(suffix), name.utf8.count == 8 + suffix.utf8.count else { return nil }
        // Digits only: `Int` would also take a sign.
        guard let number = Array(name.utf8.prefix(8)).withUnsafeBytes({ FixedWidth.parse($0) }), number > 0 else {
            return nil
        }
        return number
    }
}
