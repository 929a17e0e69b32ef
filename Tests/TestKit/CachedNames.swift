/// The names of a file system twice: as the running system sees them and as they are on stable storage.
struct CachedNames: Sendable {
    enum Entry: Hashable, Sendable {
        case file(Int)
        case directory
    }

    private enum Change: Sendable {
        case add(String, Entry)
        case remove(String)
        /// Within one directory: whole or not at all.
        case rename(String, String, Entry)

        func touches(_ directory: String) -> Bool {
            switch self {
            case .add(let path, _), .remove(let path), .rename(let path, _, _): CachedNames.parent(path) == directory
            }
        }
    }

    private let root: String
    private var current: [String: Entry]
    private var stored: [String: Entry]
    private var pending: [Change] = []

    /// `root` and the directories above it are there from the beginning.
    init(root: String) {
        self.root = root
        current = [root: .directory]
        stored = current
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }

    subscript(path: String) -> Entry? { current[path] }

    func names(in directory: String) -> [String] {
        current.keys.filter { Self.parent($0) == directory }.map { String($0.dropFirst(directory.count + 1)) }.sorted()
    }

    mutating func add(_ path: String, _ entry: Entry) { make(.add(path, entry)) }
    mutating func remove(_ path: String) { make(.remove(path)) }
    /// Between two directories it is two changes: each directory has its own sync, so a power cut may leave both names, or neither.
    mutating func rename(_ from: String, _ to: String, _ entry: Entry) {
        if Self.parent(from) == Self.parent(to) { return make(.rename(from, to, entry)) }
        make(.add(to, entry))
        make(.remove(from))
    }

    private mutating func make(_ change: Change) {
        Self.apply(change, to: &current)
        pending.append(change)
    }

    private static func apply(_ change: Change, to names: inout [String: Entry]) {
        switch change {
        case .add(let path, let entry): names[path] = entry
        case .remove(let path): names[path] = nil
        case .rename(let from, let to, let entry):
            names[from] = nil
            names[to] = entry
        }
    }

    mutating func sync(_ directory: String) {
        for change in pending where change.touches(directory) { Self.apply(change, to: &stored) }
        pending.removeAll { $0.touches(directory) }
    }

    /// Each change since its directory's last sync is kept or undone; what a lost directory held is lost with it.
    mutating func losePower(using random: inout SeededGenerator) {
        for change in pending where Bool.random(using: &random) { Self.apply(change, to: &stored) }
        pending = []
        while let orphan = stored.keys.first(where: { !isRooted($0) }) { stored[orphan] = nil }
        current = stored
    }

    private func isRooted(_ path: String) -> Bool {
        path == root || stored[Self.parent(path)] == .directory
    }
}
