/// How many different names were seen, without keeping the names: a hash of each, up to a limit.
///
/// The hash is the same in every process and version (FNV-1a, 64 bits), so that names counted in one place and names known in
/// another can be counted together.
public struct DistinctNames: Hashable, Sendable {
    /// From so many on, more are not told apart.
    public static let limit = 16

    public private(set) var hashes: Set<UInt64>

    public init(_ names: some Sequence<String> = []) { hashes = Set(names.map(Self.hash)) }

    /// At most `limit`, where they were counted by `insert`.
    public var count: Int { hashes.count }

    public mutating func insert(_ name: String) {
        if hashes.count < Self.limit { hashes.insert(Self.hash(name)) }
    }

    /// All names of both, also beyond the limit.
    public func union(_ other: DistinctNames) -> DistinctNames {
        var all = self
        all.hashes.formUnion(other.hashes)
        return all
    }

    private static func hash(_ name: String) -> UInt64 {
        name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

extension DistinctNames {
    /// Hexadecimal, joined by commas; `-` for none.
    var text: String {
        hashes.isEmpty ? "-" : hashes.sorted().map { String($0, radix: 16) }.joined(separator: ",")
    }

    init?(text: Substring) {
        guard text != "-" else {
            self.init()
            return
        }
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let hashes = words.compactMap { UInt64($0, radix: 16) }
        guard hashes.count == words.count, hashes.count <= Self.limit else { return nil }
        self.init()
        self.hashes = Set(hashes)
    }
}
