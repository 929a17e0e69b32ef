public import MailModel

/// Gives the bytes of a segment back (Durability G4–G6). The caller holds the reclaim's lock, and has journaled what is kept of
/// the messages before (G3).
///
/// All calls block.
public struct SegmentReclaim: Sendable {
    private let layout: SpoolLayout
    private let fileSystem: any SpoolFileSystem

    public init(layout: SpoolLayout, fileSystem: any SpoolFileSystem = POSIXFileSystem()) {
        self.layout = layout
        self.fileSystem = fileSystem
    }

    /// The segments that are there, ascending. The last is the receiver's: it is never touched.
    public func segments() throws -> [Int] { try fileSystem.numbers(in: layout.segments, suffix: ".seg") }

    /// Bytes of a segment's file; 0 where there is none.
    public func size(of number: Int) throws -> Int {
        try fileSystem.openIfThere(layout.segment(number))?.size() ?? 0
    }

    /// Removes replacements that a crash has left unfinished.
    public func removeLeftovers() throws {
        for name in try fileSystem.list(layout.segments) where name.hasSuffix(".seg" + SpoolLayout.replacementSuffix) {
            try fileSystem.remove("\(layout.segments)/\(name)")
        }
    }

    /// Reads a segment whole.
    public func contents(of number: Int) throws -> SegmentContents.Outcome {
        try SegmentContents.read(number, layout: layout, fileSystem: fileSystem)
    }

    /// G4. Writes what is kept beside the segment and syncs it. Nothing is written where every message is dead.
    public func prepare(_ contents: SegmentContents, without dead: Set<MessageID>) throws -> [KeptMessage] {
        guard contents.messages.contains(where: { !dead.contains($0.id) }) else { return [] }
        return try SegmentCompaction(layout: layout, fileSystem: fileSystem).write(contents.number, without: dead)
    }

    /// Puts the replacement into the segment's place, or removes the segment where nothing is kept.
    ///
    /// Nobody may project the segment into a Ledger meanwhile: hold `LockName.ledgerWriter`, and see that the Ledger in place has
    /// read past it.
    public func replace(_ number: Int, isEmptied: Bool) throws {
        // The last segment tells the receiver which number comes next, so it stays whatever is in it.
        guard let last = try segments().last, number < last else {
            throw SpoolError(code: .locked, message: "\(layout.segment(number)) is the last segment; it is never removed")
        }
        // G5. One step for the names: a reader finds the old file or the new one, and an open one keeps its bytes.
        if isEmptied {
            try fileSystem.remove(layout.segment(number))
        } else {
            try fileSystem.rename(layout.segmentReplacement(number), to: layout.segment(number))
        }
        try syncNames()
    }

    /// G6. The directory: else a power cut could bring the old file back behind what the journal says is done.
    public func syncNames() throws { try fileSystem.syncDirectory(layout.segments) }

    /// Removes large files whose records are gone. Returns the bytes that they held; what is gone already holds none.
    public func removeLargeFiles(_ ids: [MessageID]) throws -> Int {
        guard !ids.isEmpty else { return 0 }
        var freed = 0
        for id in ids {
            guard let size = try fileSystem.openIfThere(layout.largeFile(id))?.size() else { continue }
            // G6. After the segment's name: a record must never point to a file that is gone.
            try fileSystem.remove(layout.largeFile(id))
            freed += size
        }
        try fileSystem.syncDirectory(layout.large)
        return freed
    }
}
