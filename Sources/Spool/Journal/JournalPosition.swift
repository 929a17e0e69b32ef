/// A place between two acts of the journal: a file and an offset into it, in bytes.
public struct JournalPosition: Hashable, Sendable, Comparable {
    public var file: Int
    public var offset: Int

    public init(file: Int, offset: Int) {
        self.file = file
        self.offset = offset
    }

    /// Before the first act.
    public static let start = JournalPosition(file: 0, offset: 0)

    public static func < (left: JournalPosition, right: JournalPosition) -> Bool {
        (left.file, left.offset) < (right.file, right.offset)
    }
}

/// A stretch of the journal, in order.
public struct JournalPage: Sendable {
    public var entries: [JournalEntry]
    /// Where to go on reading.
    public var next: JournalPosition
    /// What was stepped over, and breaks of the chain.
    public var damage: [SpoolDamage]
    /// The last act read, by its place.
    public var last: JournalMark?

    public init(entries: [JournalEntry], next: JournalPosition, damage: [SpoolDamage]) {
        self.entries = entries
        self.next = next
        self.damage = damage
    }
}
