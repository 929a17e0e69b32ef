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

    /// What giving back a segment's dead messages has left and brought.
    public struct Result: Sendable {
        /// In order, where they stand now; empty where the segment was removed.
        public var kept: [KeptMessage]
        /// Dead messages whose records were still there.
        public var messages: Int
        /// Bytes, large files with them.
        public var freed: Int
    }

    /// G4–G6: takes the dead messages out of a segment, and removes their large files.
    ///
    /// When this returns, what it did is on stable storage. After a crash at any place the same call, with the segment's contents read
    /// anew, finishes it; so it may be made again whenever the journal does not say that the segment is done.
    ///
    /// - Parameter replacing: runs its argument, which puts the new file in place, while nobody projects the segment into a Ledger; false,
    ///   without having run it, where the Ledger in place has not read past the segment.
    /// - Returns: nil where `replacing` returned false.
    public func giveBack(
        _ contents: SegmentContents, dead: Set<MessageID>, large: [MessageID],
        replacing: (() throws -> Void) throws -> Bool
    ) throws -> Result? {
        let number = contents.number
        let present = contents.messages.count { dead.contains($0.id) }
        var kept = contents.messages.map {
            KeptMessage(id: $0.id, offset: $0.position.offset, recordLength: $0.end.offset - $0.position.offset)
        }
        if present == 0 {
            // An earlier run came as far as G5, and perhaps not to G6.
            try syncNames()
        } else {
            kept = []
            // G4. Nothing is written where nothing is kept.
            if present < contents.messages.count {
                kept = try SegmentCompaction(layout: layout, fileSystem: fileSystem).write(number, without: dead)
            }
            let isEmptied = kept.isEmpty
            guard try replacing({ try replace(number, isEmptied: isEmptied) }) else { return nil }
        }
        let freed = try contents.size - size(of: number) + removeLargeFiles(large)
        return Result(kept: kept, messages: present, freed: freed)
    }

    /// As `giveBack`, for a segment that an earlier run has removed.
    public func finishRemoved(large: [MessageID]) throws -> Result {
        try syncNames()
        return Result(kept: [], messages: 0, freed: try removeLargeFiles(large))
    }

    private func replace(_ number: Int, isEmptied: Bool) throws {
        // The last segment tells the receiver which number comes next, so it stays whatever is in it.
        guard let last = try segments().last, number < last else {
            throw SpoolError(
                code: .locked, message: "\(layout.segment(number)) is the last segment; it is never removed")
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
    private func syncNames() throws { try fileSystem.syncDirectory(layout.segments) }

    /// Returns the bytes that they held; what is gone already holds none.
    private func removeLargeFiles(_ ids: [MessageID]) throws -> Int {
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
