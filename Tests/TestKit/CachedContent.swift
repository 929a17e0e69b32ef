/// The bytes of one file twice: as the page cache shows them and as they are on stable storage.
///
/// Between two syncs the disk may hold any mixture of both (Durability A4). A sync that fails leaves pages clean whose bytes
/// never reached the disk (A3).
struct CachedContent: Sendable {
    private static let pageSize = 4096
    static let sectorSize = 512

    private(set) var cache: [UInt8] = []
    private(set) var stored: [UInt8] = []
    private var dirty: Set<Int> = []
    /// What stood behind the end of the cache since the last sync, before it was cut off: a power cut may undo the cut.
    private var reached: [UInt8] = []
    /// Grows with each change.
    private(set) var version = 0

    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        let end = offset + bytes.count
        let from = min(offset, cache.count)
        if cache.count < end { cache += [UInt8](repeating: 0, count: end - cache.count) }
        cache.withUnsafeMutableBytes {
            UnsafeMutableRawBufferPointer(rebasing: $0[offset..<end]).copyMemory(from: bytes)
        }
        touch(from, end)
    }

    /// Writes the first `limit` bytes of all the pieces.
    mutating func write(_ pieces: [UnsafeRawBufferPointer], upTo limit: Int, at offset: Int) {
        var done = 0
        for piece in pieces where done < limit {
            let part = min(piece.count, limit - done)
            write(UnsafeRawBufferPointer(rebasing: piece[..<part]), at: offset + done)
            done += part
        }
    }

    mutating func truncate(to size: Int) {
        let before = cache.count
        version += 1
        if size < before {
            if reached.count < before { reached += [UInt8](repeating: 0, count: before - reached.count) }
            reached.replaceSubrange(0..<before, with: cache)
            cache.removeLast(before - size)
            dirty = dirty.filter { $0 * Self.pageSize < size }
            touch(max(0, size - 1), size)
        } else {
            cache += [UInt8](repeating: 0, count: size - before)
            touch(before, size)
        }
    }

    private mutating func touch(_ from: Int, _ end: Int) {
        version += 1
        guard from < end else { return }
        for page in (from / Self.pageSize)...((end - 1) / Self.pageSize) { dirty.insert(page) }
    }

    mutating func sync() {
        resizeStored(to: cache.count)
        for page in dirty { store(page) }
        dirty = []
        reached = []
    }

    /// A sync that returns an error: some pages are stored, the others are not and never will be.
    mutating func failSync(using random: inout SeededGenerator) {
        for page in dirty.sorted() where Bool.random(using: &random) {
            let end = min((page + 1) * Self.pageSize, cache.count)
            if stored.count < end { resizeStored(to: end) }
            store(page)
        }
        dirty = []
    }

    /// Clean pages are read from the disk again.
    mutating func dropCache(from offset: Int) {
        for page in 0..<(cache.count + Self.pageSize - 1) / Self.pageSize where !dirty.contains(page) {
            let start = max(offset, page * Self.pageSize)
            let end = min((page + 1) * Self.pageSize, cache.count)
            if start < end { copy(stored, start..<end, into: &cache) }
        }
    }

    /// What a power cut leaves: each sector of a page that was written, or cut off, since the last sync is old, new, zero or a
    /// foreign one, and the size anything between the synced one and the largest one reached.
    ///
    /// - Parameter foreign: what blocks held that were free before, such as another file's sectors.
    mutating func losePower(foreign: [UInt8], using random: inout SeededGenerator) {
        let sizes = [stored.count, cache.count, reached.count]
        let bounds = min(stored.count, cache.count)...(sizes.max() ?? 0)
        let choices = sizes.filter(bounds.contains) + [Int.random(in: bounds, using: &random)]
        let size = choices.randomElement(using: &random) ?? 0
        var left = stored + [UInt8](repeating: 0, count: max(0, size - stored.count))
        left.removeLast(left.count - size)
        let new = cache + reached.dropFirst(cache.count)
        let cut = cache.count < size ? Array(cache.count / Self.pageSize...size / Self.pageSize) : []
        for page in dirty.union(cut).sorted() {
            let whole = Layer.random(using: &random)
            let isTorn = Int.random(in: 0..<3, using: &random) == 0
            for sector in stride(
                from: page * Self.pageSize, to: min((page + 1) * Self.pageSize, size), by: Self.sectorSize)
            {
                let range = sector..<min(sector + Self.sectorSize, size)
                switch isTorn ? .random(using: &random) : whole {
                case .old: break
                case .new: copy(new, range, into: &left)
                // Only where nothing was stored before: a disk does not blank what it has.
                case .zero: if range.lowerBound >= stored.count { copy([], range, into: &left) }
                case .foreign:
                    guard range.lowerBound >= stored.count, foreign.count >= Self.sectorSize else { break }
                    let number = Int.random(in: 0..<foreign.count / Self.sectorSize, using: &random)
                    let from = number * Self.sectorSize
                    left.replaceSubrange(range, with: foreign[from..<from + range.count])
                }
            }
        }
        self = CachedContent(cache: left, stored: left, version: version + 1)
    }

    private enum Layer {
        case old, new, zero, foreign

        static func random(using random: inout SeededGenerator) -> Layer {
            // Mostly the mixture of old and new: it is the one that looks most like a whole file.
            [.old, .old, .new, .new, .zero, .foreign].randomElement(using: &random) ?? .old
        }
    }

    /// Copies a range, with zeros where the source ends before it.
    private func copy(_ source: [UInt8], _ range: Range<Int>, into target: inout [UInt8]) {
        target.withUnsafeMutableBytes { target in
            let part = UnsafeMutableRawBufferPointer(rebasing: target[range])
            let known = max(0, min(range.upperBound, source.count) - range.lowerBound)
            source.withUnsafeBytes { source in
                guard known > 0 else { return }
                let from = range.lowerBound
                part.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[from..<from + known]))
            }
            for offset in known..<part.count { part[offset] = 0 }
        }
    }

    private mutating func resizeStored(to size: Int) {
        if stored.count < size {
            stored += [UInt8](repeating: 0, count: size - stored.count)
        } else {
            stored.removeLast(stored.count - size)
        }
    }

    private mutating func store(_ page: Int) {
        let range = page * Self.pageSize..<min((page + 1) * Self.pageSize, cache.count, stored.count)
        guard !range.isEmpty else { return }
        copy(cache, range, into: &stored)
    }

    init() {}

    private init(cache: [UInt8], stored: [UInt8], version: Int) {
        self.cache = cache
        self.stored = stored
        self.version = version
    }
}
