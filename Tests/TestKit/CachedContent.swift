/// The bytes of one file twice: as the page cache shows them and as they are on stable storage.
///
/// Between two syncs the disk may hold any mixture of both (Durability A4). A sync that fails leaves pages clean whose bytes
/// never reached the disk (A3).
struct CachedContent: Sendable {
    private static let pageSize = 4096
    private static let sectorSize = 512

    private(set) var cache: [UInt8] = []
    private var stored: [UInt8] = []
    private var dirty: Set<Int> = []

    mutating func write(_ bytes: some Collection<UInt8>, at offset: Int) {
        let end = offset + bytes.count
        let from = min(offset, cache.count)
        if cache.count < end { cache += [UInt8](repeating: 0, count: end - cache.count) }
        cache.replaceSubrange(offset..<end, with: bytes)
        touch(from, end)
    }

    mutating func truncate(to size: Int) {
        let before = cache.count
        if size < before {
            cache.removeLast(before - size)
            dirty = dirty.filter { $0 * Self.pageSize < size }
            touch(max(0, size - 1), size)
        } else {
            cache += [UInt8](repeating: 0, count: size - before)
            touch(before, size)
        }
    }

    private mutating func touch(_ from: Int, _ end: Int) {
        guard from < end else { return }
        for page in (from / Self.pageSize)...((end - 1) / Self.pageSize) { dirty.insert(page) }
    }

    mutating func sync() {
        resizeStored(to: cache.count)
        for page in dirty { store(page) }
        dirty = []
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

    /// What a power cut leaves: each sector of a dirty page is old, new or zero, the size anything between both.
    mutating func losePower(using random: inout SeededGenerator) {
        let bounds = min(stored.count, cache.count)...max(stored.count, cache.count)
        let size =
            [bounds.lowerBound, bounds.upperBound, Int.random(in: bounds, using: &random)].randomElement(using: &random)
            ?? 0
        var left = stored + [UInt8](repeating: 0, count: max(0, size - stored.count))
        left.removeLast(left.count - size)
        for page in dirty.sorted() {
            let whole = Layer.random(using: &random)
            let isTorn = Int.random(in: 0..<3, using: &random) == 0
            for sector in stride(
                from: page * Self.pageSize, to: min((page + 1) * Self.pageSize, size), by: Self.sectorSize)
            {
                mix(isTorn ? .random(using: &random) : whole, sector..<min(sector + Self.sectorSize, size), into: &left)
            }
        }
        self = CachedContent(cache: left, stored: left)
    }

    private enum Layer {
        case old, new, zero

        static func random(using random: inout SeededGenerator) -> Layer {
            [.old, .new, .zero].randomElement(using: &random) ?? .old
        }
    }

    private func mix(_ layer: Layer, _ range: Range<Int>, into left: inout [UInt8]) {
        switch layer {
        case .old: break
        case .new: copy(cache, range, into: &left)
        // Only where nothing was stored before: a disk does not blank what it has.
        case .zero: if range.lowerBound >= stored.count { copy([], range, into: &left) }
        }
    }

    /// Copies a range, with zeros where the source ends before it.
    private func copy(_ source: [UInt8], _ range: Range<Int>, into target: inout [UInt8]) {
        let part = range.lowerBound < source.count ? source[range.lowerBound..<min(range.upperBound, source.count)] : []
        target.replaceSubrange(range, with: part + [UInt8](repeating: 0, count: range.count - part.count))
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
        stored.replaceSubrange(range, with: cache[range])
    }

    init() {}

    private init(cache: [UInt8], stored: [UInt8]) {
        self.cache = cache
        self.stored = stored
    }
}
