/// A spool directory that was copied from elsewhere. It is only read: no lock, no index and no directory is made in it.
public struct SpoolCopy: Sendable {
    public let layout: SpoolLayout
    public let reader: SpoolReader
    private let fileSystem = POSIXFileSystem()

    public init(directory: String) {
        layout = SpoolLayout(directory: directory)
        reader = SpoolReader(layout: layout)
    }

    /// Whether the directory has what a spool has: without its journal nobody knows what was delivered already. Throws where it
    /// cannot be looked at.
    public func isWhole() throws -> Bool {
        do {
            for directory in [layout.segments, layout.journal] { _ = try fileSystem.list(directory) }
            return true
        } catch let error as SpoolError where error.code == .missing {
            return false
        }
    }

    /// A receiver, a follower or a command works in it now: it is no copy.
    public func isInUse() throws -> Bool {
        // Asking for a lock would make its file.
        guard let names = try? fileSystem.list(layout.locks) else { return false }
        for name in [LockName.receiver, .follower, .journal, .ledgerWriter] where names.contains(name.fileName) {
            guard let lock = try SpoolLock.share(layout: layout, name: name) else { return true }
            lock.release()
        }
        return false
    }

    /// Where its messages end; a torn end is left out.
    public func end() throws -> SpoolPosition { try reader.examineEnd().end ?? .start }

    /// Where its journal ends, a torn end included.
    public func journalEnd() throws -> JournalPosition {
        guard let number = try fileSystem.numbers(in: layout.journal, suffix: ".jnl").last else { return .start }
        return JournalPosition(file: number, offset: try fileSystem.open(layout.journalFile(number), .readOnly).size())
    }

    public func acts(from: JournalPosition, end: JournalPosition, limit: Int) throws -> JournalPage {
        try JournalReader(layout: layout, fileSystem: fileSystem).entries(from: from, end: end, limit: limit)
    }

    /// Where in the journal it stands what is kept of messages whose bytes were given back there.
    public func reclaimedActs(from: JournalPosition, end: JournalPosition) throws -> ReclaimedActs {
        try JournalReader(layout: layout, fileSystem: fileSystem).reclaimedActs(from: from, end: end)
    }

    /// What is wrong with the journal, but for a torn end: nobody has acted upon that. Where anything is, what was delivered
    /// from this spool is not known.
    public func journalDamage() throws -> [SpoolDamage] {
        let end = try journalEnd()
        var (position, damage) = (JournalPosition.start, [SpoolDamage]())
        while true {
            let page = try acts(from: position, end: end, limit: 10_000)
            damage += page.damage
            guard page.next != position else { break }
            position = page.next
        }
        let last = layout.journalFile(end.file)
        return damage.filter { $0.file != last || $0.offset + $0.length < end.offset }
    }
}
